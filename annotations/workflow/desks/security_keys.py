"""Security keys and locks of devices (WebAuthn level 2): what the browser is asked, and what it answers.

A key signs the address at which the browser saw the page, so its answer is worth nothing to a page that only
looks like this one. Which make a key is of is not asked, and no PIN: it is the second factor of two.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, NoReturn

from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)

from annotations.domain.errors import Invalid
from annotations.models import SecurityKey, User

_NO_PIN = UserVerificationRequirement.DISCOURAGED
_LARGEST_ANSWER = 32_000


class WrongKey(Invalid):
    """The answer of a security key is not one to what was asked here and now."""

    code = "security_key_wrong"


@dataclass(frozen=True)
class Site:
    """Where the browser sees this copy: `name` without a port, `origin` with scheme and port."""

    name: str
    origin: str

    @property
    def takes_keys(self) -> bool:
        """Whether browsers use keys there: only at a name, by TLS or on this machine."""
        try:
            ip_address(self.name.strip("[]"))
        except ValueError:
            return self.origin.startswith("https://") or self.name == "localhost"
        return False


@dataclass(frozen=True)
class Answer:
    """What a key answered at a site to a challenge, as the browser writes it (JSON)."""

    site: Site
    challenge: bytes
    text: str


def to_make(user: User, keys: Sequence[SecurityKey], site: Site, challenge: bytes) -> dict[str, Any]:
    """Return the options with which the browser makes a new key (PublicKeyCredentialCreationOptionsJSON).

    `challenge` has at least 16 random bytes. Keys that the person has already are not made twice.
    """
    options, _ = _server(site).register_begin(
        PublicKeyCredentialUserEntity(
            id=str(user.pk).encode(), name=user.username, display_name=user.display_name
        ),
        [_credential(key) for key in keys],
        user_verification=_NO_PIN,
        challenge=challenge,
    )
    return dict(options)["publicKey"]  # type: ignore[no-any-return]


def to_ask(keys: Sequence[SecurityKey], site: Site, challenge: bytes) -> dict[str, Any]:
    """Return the options with which the browser asks one of these keys to prove that it is there."""
    options, _ = _server(site).authenticate_begin(
        [_credential(key) for key in keys], user_verification=_NO_PIN, challenge=challenge
    )
    return dict(options)["publicKey"]  # type: ignore[no-any-return]


def made(answer: Answer) -> SecurityKey:
    """Return the key that was made, not saved, without factor and name. Raises WrongKey."""
    server = _server(answer.site)
    try:
        data = server.register_complete(_state(answer), _read(answer))
        credential = data.credential_data
        if credential is None or credential.public_key.ALGORITHM not in _algorithms(server):
            _refuse()
    except WrongKey:
        raise
    except Exception as wrong:
        # On hostile input the library raises whatever its parsers meet.
        raise _refusal() from wrong
    return SecurityKey(
        credential_id=credential.credential_id, credential=bytes(credential), uses=data.counter
    )


def answered(keys: Sequence[SecurityKey], answer: Answer) -> SecurityKey:
    """Return the key that answered, with its count of uses as it is now, not saved. Raises WrongKey.

    A count that has not grown says that somebody copied the key (WebAuthn level 2, 7.2 step 21).
    """
    try:
        response = _read(answer)
        found = _server(answer.site).authenticate_complete(
            _state(answer), [_credential(key) for key in keys], response
        )
        uses = AuthenticationResponse.from_dict(response).response.authenticator_data.counter
    except WrongKey:
        raise
    except Exception as wrong:
        raise _refusal() from wrong
    key = next(key for key in keys if bytes(key.credential_id) == found.credential_id)
    if (uses or key.uses) and uses <= key.uses:
        _refuse()
    key.uses = uses
    return key


def _server(site: Site) -> Fido2Server:
    return Fido2Server(
        PublicKeyCredentialRpEntity(name="Factcheck workbench", id=site.name),
        verify_origin=lambda origin: origin == site.origin,
    )


def _algorithms(server: Fido2Server) -> set[int]:
    return {one.alg for one in server.allowed_algorithms}


def _state(answer: Answer) -> dict[str, Any]:
    return {"challenge": websafe_encode(answer.challenge), "user_verification": _NO_PIN}


def _read(answer: Answer) -> dict[str, Any]:
    if len(answer.text) > _LARGEST_ANSWER:
        _refuse()
    read = json.loads(answer.text)
    if not isinstance(read, dict):
        _refuse()
    return read


def _credential(key: SecurityKey) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(key.credential))


def _refusal() -> WrongKey:
    return WrongKey("This is not an answer of one of your keys to this page. Try again.")


def _refuse() -> NoReturn:
    raise _refusal()


def challenge_text(challenge: bytes) -> str:
    """Return a challenge as text, for a session."""
    return websafe_encode(challenge)


def challenge_from(text: str) -> bytes:
    """Return the challenge that `challenge_text` wrote."""
    return websafe_decode(text)
