"""RFC 3161: request a time stamp on a hash from an authority, and check its response."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509

try:
    import rfc3161_client
except ImportError:
    rfc3161_client = None  # type: ignore[assignment]

_SHA256 = bytes.fromhex("300d06096086480165030402010500")  # AlgorithmIdentifier: sha-256, no parameters
_SHA256_NAME = "2.16.840.1.101.3.4.2.1"
_GRANTED = bytes.fromhex("3003020100")  # PKIStatusInfo: granted
_MOST_BYTES = 1024 * 1024


class StampRefused(ValueError):
    """A time stamp does not hold. `code` says why for programs, `sentence` for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class CannotStamp(Exception):
    """The package rfc3161-client, which reads time stamps, is not installed."""


@dataclass(frozen=True)
class Token:
    """A time stamp that holds. `der` is the token itself, `stamped_at` the time that it vouches for.

    `authority` is the name in the certificate that signed it. `trusted` is whether the signature was
    checked up to one of the given roots. Without roots the signature is not checked: the token only
    claims to be about the digest.
    """

    der: bytes
    serial: str
    stamped_at: datetime
    policy: str
    authority: str
    trusted: bool


def request_for(digest: bytes, nonce: int) -> bytes:
    """A request for a stamp on `digest` (32 bytes of SHA-256), in the format `application/timestamp-query`.

    `nonce` is random and not negative; the response has to repeat it. The request asks for the
    certificates too. Raises ValueError for a digest of another size or a negative nonce.
    """
    if len(digest) != 32 or nonce < 0:
        raise ValueError("a SHA-256 has 32 bytes and a nonce is not negative")
    # The builder of rfc3161-client does not fit: it hashes its input, while `digest` is stamped as it is,
    # and it does not accept a nonce.
    imprint = _der(0x30, _SHA256 + _der(0x04, digest))
    number = nonce.to_bytes(nonce.bit_length() // 8 + 1, "big")
    return _der(0x30, _der(0x02, b"\x01") + imprint + _der(0x02, number) + _der(0x01, b"\xff"))


def read_response(response: bytes, *, digest: bytes, nonce: int, roots: Sequence[bytes]) -> Token:
    """The token in the response of an authority, checked against the request.

    `roots` are PEM files of trusted certificates. Raises `StampRefused` with the code
    `stamp_unreadable`, `stamp_rejected` (the authority refused), `stamp_other_digest`, `stamp_other_nonce`,
    `stamp_expired` (the certificate was not valid at the time of the stamp), `stamp_broken` (the signature
    does not hold) or `stamp_untrusted`. Raises ValueError if a file in `roots` holds no certificate, and
    `CannotStamp` if rfc3161-client is not installed.
    """
    reply = _read(response)
    if reply.status != 0:
        words = "; ".join(reply.status_string) or f"status {reply.status}"
        raise StampRefused("stamp_rejected", f"The authority refused: {words}.")
    return _checked(reply, digest, nonce, roots)


def check_token(token: bytes, digest: bytes, roots: Sequence[bytes]) -> Token:
    """Check a kept token over `digest`, with the exceptions of `read_response`."""
    return _checked(_read(_der(0x30, _GRANTED + token)), digest, None, roots)


def _read(response: bytes) -> Any:
    if rfc3161_client is None:
        raise CannotStamp("rfc3161-client")
    if len(response) > _MOST_BYTES:
        raise StampRefused("stamp_unreadable", "The answer is too large for a time stamp.")
    try:
        return rfc3161_client.decode_timestamp_response(response)
    except ValueError as error:
        raise StampRefused("stamp_unreadable", f"The answer is not a time stamp: {error}.") from None


def _checked(reply: Any, digest: bytes, nonce: int | None, roots: Sequence[bytes]) -> Token:
    try:
        info, imprint = reply.tst_info, reply.tst_info.message_imprint
        stamped_at = info.gen_time.astimezone(UTC)
        sent = [x509.load_der_x509_certificate(der) for der in reply.signed_data.certificates]
        signer = _signer(reply, sent)
        authority = signer.subject.rfc4514_string()
    # Malformed input makes the libraries raise any kind of exception, such as KeyError for an odd version.
    except Exception as error:
        raise StampRefused("stamp_unreadable", f"The token cannot be read: {error}.") from None
    if imprint.hash_algorithm.dotted_string != _SHA256_NAME or imprint.message != digest:
        raise StampRefused("stamp_other_digest", "The stamp is for another hash.")
    if nonce is not None and info.nonce != nonce:
        raise StampRefused("stamp_other_nonce", "The stamp answers another question.")
    if not signer.not_valid_before_utc <= stamped_at <= signer.not_valid_after_utc:
        raise StampRefused(
            "stamp_expired", f"The certificate of {authority} was not valid at {stamped_at:%Y-%m-%d %H:%M}Z."
        )
    given = [certificate for pem in roots for certificate in x509.load_pem_x509_certificates(pem)]
    if given:
        _verify(reply, digest, given, authority)
    return Token(
        der=reply.time_stamp_token(),
        serial=str(info.serial_number),
        stamped_at=stamped_at,
        policy=info.policy.dotted_string,
        authority=authority,
        trusted=bool(given),
    )


def _signer(reply: Any, sent: list[x509.Certificate]) -> x509.Certificate:
    signers = list(reply.signed_data.signer_infos)
    if len(signers) != 1:
        raise ValueError(f"{len(signers)} signers instead of one")
    for certificate in sent:
        if (certificate.issuer, certificate.serial_number) == (signers[0].issuer, signers[0].serial_number):
            return certificate
    raise ValueError("the certificate that signed it is not in it")


def _verify(reply: Any, digest: bytes, roots: list[x509.Certificate], authority: str) -> None:
    builder = rfc3161_client.VerifierBuilder()
    for certificate in roots:
        builder = builder.add_root_certificate(certificate)
    try:
        builder.build().verify(reply, digest)
    except Exception as error:
        if "certificate verify error" in str(error):
            raise StampRefused(
                "stamp_untrusted", f"{authority} leads to no root that is trusted: {error}."
            ) from None
        raise StampRefused("stamp_broken", f"The signature does not hold: {error}.") from None


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content
