"""Signing in and out, the account page, and the choices a person makes about the pages themselves."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters

from annotations.domain.errors import Missing, Refused
from annotations.models import Desk, User
from annotations.queries.desks.account import memberships_for, tokens_of
from annotations.visibility import not_here
from annotations.web.context import DESK_SESSION_KEY, THEME_COOKIE, THEMES, memberships_of
from annotations.web.decorators import page
from annotations.web.forms import put_on_form
from annotations.web.requests import SignedInRequest
from annotations.workflow.desks.api_tokens import create_token, revoke_token

_A_YEAR = 365 * 24 * 3600


class SignInForm(AuthenticationForm):
    """Name and password."""

    def __init__(self, request: HttpRequest | None = None, *args: object, **kwargs: object) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = "Name"
        self.error_messages = {
            "invalid_login": "Name and password do not match. Both mind capital letters.",
            "inactive": "This account has been closed.",
        }


class PasswordForm(PasswordChangeForm):
    """The old password and a new one; focus stays where the page begins."""

    def __init__(self, user: User, data: QueryDict | None = None) -> None:
        super().__init__(user, data)
        del self.fields["old_password"].widget.attrs["autofocus"]


class TokenForm(forms.Form):
    """What a new token is for."""

    name = forms.CharField(
        label="What is it for?",
        max_length=80,
        help_text="So that you know later which program uses it, such as “morning import”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def _safe_way_back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return reverse("queue")


def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep light or dark in a cookie, signed in or not, and go back to where the person was."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    theme = request.POST.get("theme", "")
    if theme not in THEMES:
        raise Missing("There are three choices: as the device, light and dark.")
    response = HttpResponseRedirect(_safe_way_back(request))
    response.set_cookie(
        THEME_COOKIE, theme, max_age=_A_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response


@page("POST")
def switch_desk(request: SignedInRequest) -> HttpResponse:
    """Take another desk in hand; pages then show its things."""
    for membership in memberships_of(request):
        if membership.desk.slug == request.POST.get("desk"):
            request.session[DESK_SESSION_KEY] = membership.desk_id
            return redirect("queue")
    raise not_here(Desk)


@sensitive_post_parameters()
@page("GET", "POST")
def account(request: SignedInRequest) -> HttpResponse:
    """Show the account; POST changes the password."""
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, request.user)
        messages.success(request, "Your password is changed. Other devices are signed out.")
        return redirect("account")
    return _account_page(request, password_form=form, status=422 if form.errors else 200)


@page("POST")
def make_token(request: SignedInRequest) -> HttpResponse:
    """Make an API token and show it, this once, on the page itself: no redirect, so it is kept nowhere."""
    form = TokenForm(request.POST)
    if form.is_valid():
        try:
            key = create_token(user=request.user, name=form.cleaned_data["name"]).key
        except Refused as refused:
            put_on_form(form, refused)
        else:
            response = _account_page(request, new_key=key)
            response["Cache-Control"] = "no-store"
            return response
    return _account_page(request, token_form=form, status=422)


@page("POST")
def end_token(request: SignedInRequest, token_id: int) -> HttpResponse:
    """Revoke one of the person's own tokens; programs that use it are refused from then on."""
    revoke_token(token_id, by=request.user)
    messages.success(request, "The token is revoked. Whatever used it is refused from now on.")
    return redirect("account")


def _account_page(
    request: SignedInRequest,
    *,
    password_form: PasswordForm | None = None,
    token_form: TokenForm | None = None,
    new_key: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "password_form": password_form or PasswordForm(request.user),
        "token_form": token_form or TokenForm(),
        "new_key": new_key,
        "tokens": tokens_of(request.user),
        "memberships": memberships_for(request.user),
    }
    return render(request, "desks/account.html", context, status=status)


sign_in = LoginView.as_view(
    template_name="registration/sign_in.html",
    authentication_form=SignInForm,
    redirect_authenticated_user=True,
)

urlpatterns: list[URLPattern] = [
    path("sign-in/", sign_in, name="sign_in"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("theme/", choose_theme, name="theme"),
    path("desks/switch/", switch_desk, name="switch_desk"),
    path("account/", account, name="account"),
    path("account/tokens/", make_token, name="make_token"),
    path("account/tokens/<int:token_id>/revoke/", end_token, name="revoke_token"),
]
