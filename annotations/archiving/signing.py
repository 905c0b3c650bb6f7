"""Sign manifests with Ed25519, and check the signatures."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from annotations.archiving.canonical import NotCanonical, canonical, is_sha256, read_canonical

# Where a deployment that is given no key keeps its own, below DATA_DIR.
KEY_FOLDER = "signing"
KEY_FILE = "key"

_SIGNATURE = re.compile(r"[0-9a-f]{128}")
_NAMES = {"manifest", "sha256", "key", "public_key", "signature"}


class BadEnvelope(ValueError):
    """A signed manifest does not hold. The message says why."""


@dataclass(frozen=True)
class Sealed:
    """A signed manifest. `body` is its canonical JSON; the other fields are hexadecimal.

    `key` is the short name of the key: the first 16 digits of the SHA-256 of the public key.
    """

    body: str
    sha256: str
    key: str
    public_key: str
    signature: str

    def envelope(self) -> bytes:
        """The file to keep: canonical JSON that contains the manifest as text."""
        return canonical(
            {
                "manifest": self.body,
                "sha256": self.sha256,
                "key": self.key,
                "public_key": self.public_key,
                "signature": self.signature,
            }
        )


class SigningKey:
    """An Ed25519 key that signs manifests. No message and no representation ever shows it."""

    def __init__(self, seed: str) -> None:
        """Make the key from its 32-byte seed in base64. Raises ValueError, which does not repeat the seed."""
        try:
            raw = base64.b64decode(seed.strip().encode("ascii"), validate=True)
        except (binascii.Error, UnicodeEncodeError):
            raise ValueError("the seed of a signing key is written in base64") from None
        if len(raw) != 32:
            raise ValueError("the seed of a signing key has 32 bytes")
        self._key = Ed25519PrivateKey.from_private_bytes(raw)
        self.public_key = self._key.public_key().public_bytes_raw().hex()
        self.key_id = key_id(self.public_key)

    def seal(self, manifest: dict[str, Any]) -> Sealed:
        """Sign the canonical JSON of `manifest`. Raises `NotCanonical` if it has none."""
        body = canonical(manifest)
        return Sealed(
            body=body.decode("utf-8"),
            sha256=hashlib.sha256(body).hexdigest(),
            key=self.key_id,
            public_key=self.public_key,
            signature=self.sign(body),
        )

    def sign(self, body: bytes) -> str:
        """Return the signature over `body`, in hexadecimal."""
        return self._key.sign(body).hex()


def new_seed() -> str:
    """A fresh seed for `SigningKey`, in base64."""
    return base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode("ascii")


def key_id(public_key: str) -> str:
    """The short name of a public key: the first 16 digits of its SHA-256."""
    return hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:16]


def is_signed(body: bytes, signature: str, public_key: str) -> bool:
    """Whether `signature` over `body` was made with the key behind `public_key`."""
    if not _SIGNATURE.fullmatch(signature) or not is_sha256(public_key):
        return False  # the same bytes in another spelling count as changed
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), body)
    except (InvalidSignature, ValueError):
        return False
    return True


def open_envelope(data: bytes) -> tuple[dict[str, Any], Sealed]:
    """The manifest in a kept envelope, and the envelope. Raises `BadEnvelope` unless everything holds.

    The caller decides whether to trust the key.
    """
    try:
        outer = read_canonical(data)
    except NotCanonical as error:
        raise BadEnvelope(f"the envelope is {error}") from None
    if not isinstance(outer, dict) or set(outer) != _NAMES:
        raise BadEnvelope("the envelope has other parts than it should")
    if not all(isinstance(value, str) for value in outer.values()):
        raise BadEnvelope("the envelope has parts that are not text")
    sealed = Sealed(outer["manifest"], outer["sha256"], outer["key"], outer["public_key"], outer["signature"])
    body = sealed.body.encode("utf-8")
    if hashlib.sha256(body).hexdigest() != sealed.sha256:
        raise BadEnvelope("the manifest does not have the hash that stands beside it")
    if not is_signed(body, sealed.signature, sealed.public_key):
        raise BadEnvelope("the signature does not fit the manifest")
    if key_id(sealed.public_key) != sealed.key:
        raise BadEnvelope("the name of the key does not fit the key")
    try:
        manifest = read_canonical(body)
    except NotCanonical as error:
        raise BadEnvelope(f"the manifest is {error}") from None
    if not isinstance(manifest, dict):
        raise BadEnvelope("the manifest is not an object")
    return manifest, sealed
