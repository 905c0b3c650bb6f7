"""Two-factor sign-in: the second step of the door, setting it up, and asking it of a desk."""

import time
from typing import Any

import segno
from axes.handlers.proxy import AxesProxyHandler
from django.contrib import messages
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_post_parameters

from annotations.domain.errors import Refused
from annotations.models import User
from annotations.queries.desks.account import desks_that_wait, has_second_factor
from annotations.web.context import desk_with_slug
from annotations.web.decorators import page
from annotations.web.desks.door import let_in
from annotations.web.forms.desks import CodeForm, SetUpForm
from annotations.web.refusals import put_on_form
from annotations.web.requests import SignedInRequest
from annotations.workflow.desks import second_factor as workflow

_PENDING = "second_step"
_SECRET = "second_factor_secret"  # noqa: S105
_PENDING_SECONDS = 600


def first_step_passed(request: HttpRequest, user: User, next_address: str) -> HttpResponse:
    """Let the person in, or ask for the code of their second factor first."""
    if not has_second_factor(user):
        lacking = bool(desks_that_wait(user))
        return let_in(
            request, user, HttpResponseRedirect(reverse("second_factor") if lacking else next_address)
        )
    request.session.cycle_key()
    request.session[_PENDING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "at": int(time.time()),
        "next": next_address,
    }
    return redirect("second_step")


@sensitive_post_parameters()
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask for a code; wrong ones count as wrong passwords do."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    pending, user = _pending(request)
    if user is None:
        request.session.pop(_PENDING, None)
        return redirect("sign_in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        credentials = {"username": user.username}
        # What the attempts are counted by, as the name in the first form is.
        request.second_step_name = user.username  # type: ignore[attr-defined]
        if not AxesProxyHandler.is_allowed(request, credentials):
            request.axes_locked_out = True  # type: ignore[attr-defined]
            return redirect("sign_in")
        try:
            workflow.use_code(user, code=form.cleaned_data["code"])
        except Refused as refused:
            put_on_form(form, refused)
            user_login_failed.send(sender=__name__, credentials=credentials, request=request)
        else:
            del request.session[_PENDING]
            return let_in(request, user, HttpResponseRedirect(str(pending["next"])))
    response = render(
        request, "registration/second_step.html", {"form": form}, status=422 if form.errors else 200
    )
    response["Cache-Control"] = "no-store"
    return response


def _pending(request: HttpRequest) -> tuple[dict[str, Any], User | None]:
    """Return what the first step left, and its person if it still holds."""
    pending: dict[str, Any] = request.session.get(_PENDING) or {}
    if not pending or time.time() - pending["at"] > _PENDING_SECONDS:
        return pending, None
    user = User.objects.filter(pk=pending["user"], is_active=True).first()
    holds = user is not None and constant_time_compare(user.get_session_auth_hash(), pending["hash"])
    return pending, user if holds else None


@sensitive_post_parameters()
@page("GET", "POST")
def second_factor(request: SignedInRequest) -> HttpResponse:
    """Show the state of the second factor, or the secret to set it up with; POST sets it up."""
    if has_second_factor(request.user):
        if request.method == "POST":
            return redirect("second_factor")
        return _page(request, {"is_set_up": True, "code_form": CodeForm()})
    form = SetUpForm(request.user, request.POST or None)
    if request.method == "POST" and _SECRET in request.session and form.is_valid():
        try:
            codes = workflow.set_up(
                by=request.user,
                secret=request.session[_SECRET],
                code=form.cleaned_data["code"],
                keep_session=request.session.session_key,
            )
        except Refused as refused:
            put_on_form(form, refused)
        else:
            del request.session[_SECRET]
            return _page(request, {"is_set_up": True, "code_form": CodeForm(), "codes": codes})
    secret = request.session.setdefault(_SECRET, workflow.new_secret())
    address = workflow.address_for_apps(secret, request.user)
    context = {
        "form": form,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "address": address,
        "picture": segno.make(address, error="m").svg_data_uri(scale=4, border=2, light="white"),
        "desks": desks_that_wait(request.user),
    }
    return _page(request, context, status=422 if form.errors else 200)


@page("POST")
def new_codes(request: SignedInRequest) -> HttpResponse:
    """Make new recovery codes and show them once."""
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            codes = workflow.renew_recovery_codes(by=request.user, code=form.cleaned_data["code"])
        except Refused as refused:
            put_on_form(form, refused)
        else:
            return _page(request, {"is_set_up": True, "code_form": CodeForm(), "codes": codes})
    return _page(request, {"is_set_up": True, "code_form": form}, status=422)


@page("POST")
def turn_off(request: SignedInRequest) -> HttpResponse:
    """Sign in by password alone from now on."""
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            workflow.turn_off(by=request.user, code=form.cleaned_data["code"])
        except Refused as refused:
            put_on_form(form, refused)
        else:
            messages.success(request, "Two-factor sign-in is off.")
            return redirect("account")
    return _page(request, {"is_set_up": True, "code_form": form}, status=422)


@page("POST")
def require(request: SignedInRequest, slug: str) -> HttpResponse:
    """Ask two-factor sign-in of all members of a desk, or of nobody."""
    desk = desk_with_slug(request, slug)
    required = request.POST.get("required") == "yes"
    workflow.require_two_factor(desk.pk, required=required, by=request.user)
    messages.success(
        request,
        "The desk is shown to members with two-factor sign-in only."
        if required
        else "The desk is shown to all its members.",
    )
    return redirect("desk_settings", slug)


def _page(request: SignedInRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    response = render(request, "desks/second_factor.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


urlpatterns: list[URLPattern] = [
    path("sign-in/code/", second_step, name="second_step"),
    path("account/two-factor/", second_factor, name="second_factor"),
    path("account/two-factor/codes/", new_codes, name="renew_recovery_codes"),
    path("account/two-factor/off/", turn_off, name="turn_off_second_factor"),
    path("desks/<slug:slug>/two-factor/", require, name="require_two_factor"),
]
