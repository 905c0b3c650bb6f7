"""A security key in memory: makes and proves itself as a browser with a key does, byte for byte."""

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG


class FakeKey:
    """`counts=False` is a passkey that keeps no counter."""

    def __init__(self, *, counts: bool = True) -> None:
        self.secret = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.counts = counts
        self.uses = 0

    def make(self, options: str, origin: str, *, flags: FLAG = FLAG.UP | FLAG.AT) -> str:
        """Return what a browser at `origin` answers when a page asks to make a key."""
        asked = json.loads(options)
        credential = AttestedCredentialData.create(
            Aaguid.NONE, self.id, ES256.from_cryptography_key(self.secret.public_key())
        )
        data = self._data(asked["rp"]["id"], flags, credential if flags & FLAG.AT else b"")
        client = CollectedClientData.create("webauthn.create", asked["challenge"], origin)
        response = {
            "clientDataJSON": client.b64,
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        }
        return self._written(response)

    def ask(self, options: str, origin: str, *, kind: str = "webauthn.get", flags: FLAG = FLAG.UP) -> str:
        """Return what a browser at `origin` answers when a page asks for a key."""
        asked = json.loads(options)
        data = self._data(asked["rpId"], flags)
        client = CollectedClientData.create(kind, asked["challenge"], origin)
        signature = self.secret.sign(data + client.hash, ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": client.b64,
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signature),
        }
        return self._written(response)

    def _data(self, site: str, flags: FLAG, credential: bytes = b"") -> AuthenticatorData:
        self.uses += self.counts
        return AuthenticatorData.create(hashlib.sha256(site.encode()).digest(), flags, self.uses, credential)

    def _written(self, response: dict[str, Any]) -> str:
        name = websafe_encode(self.id)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )
