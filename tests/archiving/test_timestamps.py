import hashlib
import subprocess
from pathlib import Path

import pytest

from annotations.archiving.timestamps import StampRefused, check_token, read_response, request_for
from tests.archiving.authority import Authority

DIGEST = hashlib.sha256(b"a root").digest()
NONCE = 2**63 + 5


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "clock", "Clock")


@pytest.fixture(scope="module")
def answer(authority: Authority) -> bytes:
    return authority.answer(request_for(DIGEST, NONCE))


def _code(answer: bytes, roots: list[bytes], *, digest: bytes = DIGEST, nonce: int = NONCE) -> str:
    with pytest.raises(StampRefused) as refused:
        read_response(answer, digest=digest, nonce=nonce, roots=roots)
    assert refused.value.sentence == str(refused.value)
    return refused.value.code


def test_a_response_to_our_request_gives_a_token_that_holds(authority: Authority, answer: bytes) -> None:
    token = read_response(answer, digest=DIGEST, nonce=NONCE, roots=[authority.root])
    assert (token.authority, token.policy, token.trusted) == ("CN=Clock", "1.2.3.4.1", True)
    assert check_token(token.der, DIGEST, [authority.root]) == token


@pytest.mark.parametrize("nonce", [0, 1, 127, 128, 255, 256, 2**64 - 1])
def test_openssl_reads_the_same_request(tmp_path: Path, nonce: int) -> None:
    (tmp_path / "q").write_bytes(request_for(DIGEST, nonce))
    said = subprocess.run(
        ["openssl", "ts", "-query", "-in", "q", "-text"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert int(said.partition("Nonce: ")[2].split()[0], 16) == nonce
    assert "Hash Algorithm: sha256" in said
    assert "Certificate required: yes" in said


def test_openssl_accepts_the_kept_token(authority: Authority, answer: bytes, tmp_path: Path) -> None:
    token = read_response(answer, digest=DIGEST, nonce=NONCE, roots=[authority.root])
    (tmp_path / "token.tst").write_bytes(token.der)
    (tmp_path / "root.pem").write_bytes(authority.root)
    command = ["openssl", "ts", "-verify", "-digest", DIGEST.hex(), "-in", "token.tst", "-token_in"]
    said = subprocess.run(
        [*command, "-CAfile", "root.pem"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert "Verification: OK" in said.stdout


def test_without_roots_a_token_is_not_trusted(answer: bytes) -> None:
    assert read_response(answer, digest=DIGEST, nonce=NONCE, roots=[]).trusted is False


def test_a_stamp_on_another_digest_is_refused(authority: Authority, answer: bytes) -> None:
    assert _code(answer, [authority.root], digest=bytes(32)) == "stamp_other_digest"


def test_a_response_to_another_request_is_refused(authority: Authority, answer: bytes) -> None:
    assert _code(answer, [authority.root], nonce=6) == "stamp_other_nonce"


def test_the_token_of_another_authority_is_refused(answer: bytes, tmp_path: Path) -> None:
    assert _code(answer, [Authority(tmp_path / "other", "Other").root]) == "stamp_untrusted"


def test_a_stamp_under_an_expired_certificate_is_refused(tmp_path: Path) -> None:
    late = Authority(tmp_path / "late", "Late", days=(-900, -2))
    assert _code(late.answer(request_for(DIGEST, NONCE)), [late.root]) == "stamp_expired"


def test_a_refusal_of_the_authority_is_reported(authority: Authority) -> None:
    # Status 2, rejection, and no token.
    assert _code(bytes.fromhex("30053003020102"), [authority.root]) == "stamp_rejected"


@pytest.mark.parametrize("answer", [b"", b"<html>Sorry</html>", b"\x30\x80", bytes(2 * 1024 * 1024)])
def test_what_is_no_time_stamp_is_refused(authority: Authority, answer: bytes) -> None:
    assert _code(answer, [authority.root]) == "stamp_unreadable"


def test_a_changed_signature_is_refused(authority: Authority, answer: bytes) -> None:
    changed = answer[:-1] + bytes([answer[-1] ^ 1])
    assert _code(changed, [authority.root]) == "stamp_broken"


def test_a_flipped_bit_is_refused_or_changes_nothing_that_counts(authority: Authority, answer: bytes) -> None:
    whole = read_response(answer, digest=DIGEST, nonce=NONCE, roots=[authority.root])
    for bit in range(0, len(answer) * 8, 37):
        flipped = bytearray(answer)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            token = read_response(bytes(flipped), digest=DIGEST, nonce=NONCE, roots=[authority.root])
        except StampRefused:
            continue
        # Bytes outside the signature may change. The name of a kept token is its hash, which covers them too.
        assert (token.stamped_at, token.serial, token.authority) == (
            whole.stamped_at,
            whole.serial,
            whole.authority,
        )


def test_a_digest_of_another_length_makes_no_request() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        request_for(b"short", 1)
