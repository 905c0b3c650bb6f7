"""Sign-in by the newsroom's own OpenID Connect provider, where the settings name one."""

from typing import Any

import jwt
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from annotations.domain.errors import Missing, WrongState
from annotations.models import User
from annotations.web.decorators import page
from annotations.web.desks.second_step import first_step_passed
from annotations.web.requests import SignedInRequest
from annotations.workflow.desks.outside_identity import Identity, account_of, connect, disconnect


class OutsideSignInFailed(WrongState):
    """The newsroom's sign-in did not say who this is, or could not be asked."""

    code = "outside_sign_in_failed"


class Backend(OIDCAuthenticationBackend):  # type: ignore[misc]
    """Believes a token that the provider signed for this copy, and of it only issuer and subject."""

    def retrieve_matching_jwk(self, token: str) -> Any:
        """Return the provider's key that a token names; its only key for a token that names none."""
        try:
            named = jwt.get_unverified_header(token).get("kid")
            asked = jwt.PyJWKClient(self.OIDC_OP_JWKS_ENDPOINT, timeout=settings.OIDC_TIMEOUT)
            keys = [key for key in asked.get_jwk_set().keys if named in (None, key.key_id)]
        except jwt.PyJWTError as wrong:
            raise SuspiciousOperation(f"keys of the provider: {wrong}") from wrong
        if len(keys) != 1:
            raise SuspiciousOperation("no one key of the provider fits its token")
        return keys[0].key

    def get_payload_data(self, token: str, key: Any) -> dict[str, Any]:
        """Return what a token says; raises SuspiciousOperation unless it is signed, in time and for us."""
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[self.OIDC_RP_SIGN_ALGO],
                audience=self.OIDC_RP_CLIENT_ID,
                issuer=settings.OIDC_ISSUER,
                leeway=30,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as wrong:
            raise SuspiciousOperation(f"identity token: {wrong}") from wrong

    def get_or_create_user(self, access_token: str, id_token: str, payload: dict[str, Any]) -> User:
        """Return the account that the identity opens; connects it to the account of whoever is signed in."""
        said = self.get_userinfo(access_token, id_token, payload)
        if said.get("sub") != payload["sub"]:
            raise SuspiciousOperation("the provider speaks of two people")
        identity = Identity(
            issuer=payload["iss"],
            subject=payload["sub"],
            username=str(said.get("preferred_username") or said.get("nickname") or ""),
            full_name=str(said.get("name") or ""),
        )
        person = self.request.user
        if isinstance(person, User):
            connect(identity, by=person)
            return person
        return account_of(identity)


class Ask(OIDCAuthenticationRequestView):  # type: ignore[misc]
    """Sends the browser to the provider."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Redirect with a state, a nonce and a PKCE challenge of this session."""
        answer: HttpResponse = super().get(request)
        answer["Cache-Control"] = "no-store"
        return answer


class Callback(OIDCAuthenticationCallbackView):  # type: ignore[misc]
    """Takes the answer of the provider."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Let the person in, as after a right password. Raises OutsideSignInFailed."""
        if request.GET.get("error"):
            return self.login_failure()
        try:
            answer: HttpResponse = super().get(request)
        except (SuspiciousOperation, OSError) as wrong:
            raise OutsideSignInFailed(
                "The newsroom’s sign-in did not say who you are. Begin again; if it stays so, tell whoever "
                "runs this workbench."
            ) from wrong
        return answer

    def login_success(self) -> HttpResponse:
        """Go on to the second factor or in; whoever was in already has connected their account."""
        if self.request.user.is_authenticated:
            messages.success(self.request, "Your account is connected to the newsroom’s sign-in.")
            return redirect("account")
        return first_step_passed(self.request, self.user, self.success_url)

    def login_failure(self) -> HttpResponse:
        """Go back to the door."""
        raise OutsideSignInFailed("The newsroom’s sign-in was broken off, or your account here is closed.")


def ask_provider(request: HttpRequest) -> HttpResponseBase:
    """Send the person to the provider. Raises Missing where there is none."""
    _check_there_is_one()
    answer: HttpResponseBase = Ask.as_view()(request)
    return answer


def answered(request: HttpRequest) -> HttpResponseBase:
    """Take the provider's answer. Raises Missing where there is none, or OutsideSignInFailed."""
    _check_there_is_one()
    answer: HttpResponseBase = Callback.as_view()(request)
    return answer


@page("POST")
def disconnect_provider(request: SignedInRequest) -> HttpResponse:
    """Sign in by password alone again."""
    disconnect(by=request.user)
    messages.success(request, "Your account is disconnected from the newsroom’s sign-in.")
    return redirect("account")


def _check_there_is_one() -> None:
    if not settings.OIDC_RP_CLIENT_ID:
        raise Missing("This workbench has no sign-in by a provider of the newsroom.")


urlpatterns: list[URLPattern] = [
    path("sign-in/newsroom/", ask_provider, name="outside_sign_in"),
    path("sign-in/newsroom/answer/", answered, name="outside_answer"),
    path("account/newsroom/disconnect/", disconnect_provider, name="disconnect_provider"),
]
