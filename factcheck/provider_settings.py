"""The settings of sign-in by the newsroom's own OpenID Connect provider."""

from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from environs import Env


@dataclass(frozen=True)
class Provider:
    """Where the provider is, and who this copy is to it. Without a client there is no such sign-in."""

    client_id: str
    client_secret: str
    issuer: str
    authorization_url: str
    token_url: str
    userinfo_url: str
    jwks_url: str


def provider(env: Env, *, over_tls: bool) -> Provider:
    """Return the provider that the environment names. Raises ImproperlyConfigured for one half named."""
    found = Provider(
        client_id=env.str("OIDC_CLIENT_ID", ""),
        client_secret=env.str("OIDC_CLIENT_SECRET", ""),
        issuer=env.str("OIDC_ISSUER", ""),
        authorization_url=env.str("OIDC_AUTHORIZATION_URL", ""),
        token_url=env.str("OIDC_TOKEN_URL", ""),
        userinfo_url=env.str("OIDC_USERINFO_URL", ""),
        jwks_url=env.str("OIDC_JWKS_URL", ""),
    )
    for field, value in vars(found).items():
        is_open = over_tls and field.endswith("_url") and not value.startswith("https://")
        if found.client_id and (not value or is_open):
            raise ImproperlyConfigured(
                f"OIDC_CLIENT_ID is set, so set OIDC_{field.upper()} too; outside development addresses "
                "begin with https://"
            )
    return found
