"""Authentication by a token in the Authorization header."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from annotations.models import ApiToken, User
from annotations.workflow.desks.api_tokens import use_token


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer fcw_…` gives a request the rights of the token's person and no others."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the person and their token, None without a bearer header; raises AuthenticationFailed."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = use_token(key.strip())
        if token is None:
            raise AuthenticationFailed(
                "This token is unknown or revoked, or its person's account is closed. "
                "Make a new one on the account page."
            )
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return the WWW-Authenticate header of a 401."""
        return 'Bearer realm="api"'


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes tokens."""

    target_class = "annotations.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the security scheme."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token made on the account page or by `manage.py create_token`.",
        }
