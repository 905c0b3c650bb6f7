"""Signing in and out, the account page, and the choice of theme and desk."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.debug import sensitive_post_parameters

from annotations.domain.errors import Missing, Refused
from annotations.queries.desks.account import (
    desks_that_wait,
    has_second_factor,
    is_connected,
    memberships_for,
    tokens_of,
)
from annotations.queries.desks.devices import session_handle, sessions_of
from annotations.queries.desks.people import invitations_to
from annotations.web.context import DESK_SESSION_KEY, THEME_COOKIE, THEMES, desk_with_slug
from annotations.web.decorators import page
from annotations.web.desks.second_step import first_step_passed
from annotations.web.desks.tries import check_tries, count_wrong
from annotations.web.forms.desks import EmailForm, PasswordForm, SignInForm, TokenForm
from annotations.web.refusals import put_on_form, way_back
from annotations.web.requests import SignedInRequest, own_address
from annotations.workflow.desks.accounts import change_password
from annotations.workflow.desks.api_tokens import create_token, revoke_token
from annotations.workflow.desks.invitations import accept_invitation, decline_invitation
from annotations.workflow.desks.sessions import end_other_sessions, end_session
from annotations.workflow.desks.set_up import has_accounts

_A_YEAR = 365 * 24 * 3600


def choose_theme(request: HttpRequest) -> HttpResponse:
    """Remember the chosen theme in a cookie, for anyone, and go back to where the person was."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    theme = request.POST.get("theme", "")
    if theme not in THEMES:
        raise Missing("There are three choices: as the device, light and dark.")
    back = own_address(request, request.POST.get("next", ""), otherwise=way_back(request))
    response = HttpResponseRedirect(back)
    response.set_cookie(
        THEME_COOKIE, theme, max_age=_A_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response


@page("POST")
def switch_desk(request: SignedInRequest) -> HttpResponse:
    """Work on another desk from now on."""
    request.session[DESK_SESSION_KEY] = desk_with_slug(request, request.POST.get("desk")).pk
    return redirect("queue")


@sensitive_post_parameters()
@page("GET", "POST")
def account(request: SignedInRequest) -> HttpResponse:
    """Show the account; POST changes the password."""
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST":
        check_tries(request, request.user)
        if form.has_error("old_password", "password_incorrect"):
            count_wrong(request, request.user)
    if request.method == "POST" and form.is_valid():
        change_password(
            request.user,
            password=form.cleaned_data["new_password1"],
            by=request.user,
            keep_session=request.session.session_key,
        )
        update_session_auth_hash(request, request.user)
        messages.success(request, "Your password is changed. Everywhere else you are signed out.")
        return redirect("account")
    return account_page(request, password_form=form, status=422 if form.errors else 200)


@page("POST")
def make_token(request: SignedInRequest) -> HttpResponse:
    """Make an API token and show it once. There is no redirect, so the key is stored nowhere."""
    form = TokenForm(request.POST)
    if form.is_valid():
        try:
            key = create_token(user=request.user, name=form.cleaned_data["name"]).key
        except Refused as refused:
            put_on_form(form, refused)
        else:
            response = account_page(request, new_key=key)
            response["Cache-Control"] = "no-store"
            return response
    return account_page(request, token_form=form, status=422)


@page("POST")
def end_token(request: SignedInRequest, token_id: int) -> HttpResponse:
    """Revoke one of the person's own tokens, which is refused from then on."""
    revoke_token(token_id, by=request.user)
    messages.success(request, "The token is revoked. Whatever used it is refused from now on.")
    return redirect("account")


@page("POST")
def sign_out_there(request: SignedInRequest, handle: str) -> HttpResponse:
    """End one of the person's sessions; for this one that is to sign out."""
    if handle == session_handle(request.session.session_key or ""):
        logout(request)
        return redirect("sign_in")
    end_session(handle, by=request.user)
    messages.success(request, "You are signed out there.")
    return redirect("account")


@page("POST")
def sign_out_elsewhere(request: SignedInRequest) -> HttpResponse:
    """End all of the person's sessions but this one."""
    end_other_sessions(by=request.user, keep=request.session.session_key)
    messages.success(request, "You are signed out everywhere else.")
    return redirect("account")


@page("POST")
def accept(request: SignedInRequest, invitation_id: int) -> HttpResponse:
    """Join the desk that asked, and take it in hand."""
    desk = accept_invitation(invitation_id, by=request.user)
    request.session[DESK_SESSION_KEY] = desk.pk
    messages.success(request, f"You are on the desk “{desk.name}”.")
    return redirect("second_factor" if desks_that_wait(request.user) else "queue")


@page("POST")
def decline(request: SignedInRequest, invitation_id: int) -> HttpResponse:
    """Say no to an invitation. The desk is not told."""
    decline_invitation(invitation_id, by=request.user)
    messages.success(request, "The invitation is declined. The desk is not told.")
    return redirect("account")


def account_page(
    request: SignedInRequest,
    *,
    password_form: PasswordForm | None = None,
    token_form: TokenForm | None = None,
    email_form: EmailForm | None = None,
    new_key: str = "",
    status: int = 200,
) -> HttpResponse:
    """Return the person's account page, with the form that was refused if there is one."""
    context = {
        "email_form": (email_form or EmailForm()) if settings.EMAIL_HOST else None,
        "password_form": password_form or PasswordForm(request.user),
        "token_form": token_form or TokenForm(),
        "new_key": new_key,
        "sessions": sessions_of(request.user, this=request.session.session_key),
        "outside_label": settings.OIDC_LABEL if settings.OIDC_RP_CLIENT_ID else "",
        "is_connected": is_connected(request.user),
        "has_second_factor": has_second_factor(request.user),
        "waiting_desks": desks_that_wait(request.user),
        "tokens": tokens_of(request.user),
        "invitations": invitations_to(request.user),
        "memberships": memberships_for(request.user),
    }
    return render(request, "desks/account.html", context, status=status)


class SignIn(LoginView):
    """Name and password."""

    template_name = "registration/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what the page shows, with the name of the newsroom's own sign-in if there is one."""
        label = settings.OIDC_LABEL if settings.OIDC_RP_CLIENT_ID else ""
        return super().get_context_data(outside_label=label, is_new_copy=not has_accounts(), **kwargs)

    def form_valid(self, form: SignInForm) -> HttpResponse:  # type: ignore[override]
        """Let the person in."""
        return first_step_passed(self.request, form.get_user(), self.get_success_url())


urlpatterns: list[URLPattern] = [
    path("sign-in/", SignIn.as_view(), name="sign_in"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("theme/", choose_theme, name="theme"),
    path("desks/switch/", switch_desk, name="switch_desk"),
    path("account/", account, name="account"),
    path("account/invitations/<int:invitation_id>/accept/", accept, name="accept_invitation"),
    path("account/invitations/<int:invitation_id>/decline/", decline, name="decline_invitation"),
    path("account/sessions/end-others/", sign_out_elsewhere, name="end_other_sessions"),
    path("account/sessions/<slug:handle>/end/", sign_out_there, name="end_session"),
    path("account/tokens/", make_token, name="make_token"),
    path("account/tokens/<int:token_id>/revoke/", end_token, name="revoke_token"),
]
