"""Two-factor sign-in: set it up, change it, take it away, and ask it of a desk.

Whoever has a second factor shows it before they change anything about it, at most ten minutes before.
"""

from typing import Any

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.debug import sensitive_post_parameters

from annotations.domain.errors import Missing, Refused
from annotations.queries.desks.account import desks_that_wait, second_factor_of, security_keys_of
from annotations.web.context import desk_with_slug
from annotations.web.decorators import page
from annotations.web.desks.second_step import proof_in, proof_page, proved_in, remember
from annotations.web.desks.security_keys import answer_in, creation, site_of
from annotations.web.desks.tries import check_tries, count_wrong
from annotations.web.forms.desks import AppForm, NewKeyForm, ProofForm
from annotations.web.refusals import put_on_form
from annotations.web.requests import SignedInRequest
from annotations.workflow.desks import second_factor as workflow

_SECRET = "second_factor_secret"  # noqa: S105


@sensitive_post_parameters()
@page("GET", "POST")
def second_factor(request: SignedInRequest) -> HttpResponse:
    """Show what can be set up or changed, or ask for the second factor first; POST shows it."""
    factor = second_factor_of(request.user)
    if factor is None:
        return redirect("second_factor") if request.method == "POST" else _setting_up(request)
    form = ProofForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            remember(request, proof_in(request, request.user, form))
        except Refused as refused:
            put_on_form(form, refused)
        else:
            return redirect("second_factor")
    if not form.errors and _has_proved(request):
        return _managing(request)
    return proof_page(request, request.user, form, "desks/second_factor_proof.html")


@sensitive_post_parameters()
@page("GET", "POST")
def set_up_app(request: SignedInRequest) -> HttpResponse:
    """Show the secret of a new app, and take the first code of it."""
    factor = second_factor_of(request.user)
    if factor is not None and not _has_proved(request):
        return redirect("second_factor")
    form = AppForm(request.user, request.POST or None, asks_password=factor is None)
    _count_wrong_password(request, form)
    if request.method == "POST" and _SECRET in request.session and form.is_valid():
        try:
            done = workflow.set_up_app(
                by=request.user,
                secret=request.session[_SECRET],
                code=form.cleaned_data["code"],
                keep_session=request.session.session_key,
                proved=proved_in(request),
            )
        except Refused as refused:
            put_on_form(form, refused)
        else:
            del request.session[_SECRET]
            return _done(request, done, "The authenticator app is set up.")
    secret = request.session.setdefault(_SECRET, workflow.new_secret())
    address = workflow.address_for_apps(secret, request.user)
    context = {
        "form": form,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "address": address,
        "picture": segno.make(address, error="m").svg_data_uri(scale=4, border=2, light="white"),
        "is_first": factor is None,
        "has_app": factor is not None and factor.has_app,
    }
    return _page(request, "desks/second_factor_app.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters()
@page("POST")
def add_key(request: SignedInRequest) -> HttpResponse:
    """Take a key that the browser has just made."""
    factor = second_factor_of(request.user)
    if factor is not None and not _has_proved(request):
        return redirect("second_factor")
    form = NewKeyForm(request.user, request.POST, asks_password=factor is None)
    _count_wrong_password(request, form)
    if form.is_valid():
        try:
            done = workflow.add_key(
                by=request.user,
                name=form.cleaned_data["name"],
                answer=answer_in(request, form.cleaned_data["answer"]),
                keep_session=request.session.session_key,
                proved=proved_in(request),
            )
        except Refused as refused:
            put_on_form(form, refused)
        else:
            return _done(request, done, "The key is added.")
    return _setting_up(request, key_form=form) if factor is None else _managing(request, key_form=form)


def _count_wrong_password(request: SignedInRequest, form: AppForm | NewKeyForm) -> None:
    if request.method == "POST" and "password" in form.fields:
        check_tries(request, request.user)
        if form.has_error("password", "password_incorrect"):
            count_wrong(request, request.user)


@page("POST")
def remove_key(request: SignedInRequest, key_id: int) -> HttpResponse:
    """Take a key away. Raises Missing for a key that is not one of theirs."""
    if key_id not in {key.pk for key in security_keys_of(request.user)}:
        raise Missing("This key is not one of yours.")
    return _changed(request, "The key is removed.", workflow.remove_key, key_id)


@page("POST")
def remove_app(request: SignedInRequest) -> HttpResponse:
    """Take the app away."""
    return _changed(request, "The authenticator app is removed.", workflow.remove_app)


@page("POST")
def new_codes(request: SignedInRequest) -> HttpResponse:
    """Make new recovery codes and show them once."""
    if not _has_proved(request):
        return redirect("second_factor")
    codes = workflow.renew_recovery_codes(by=request.user, proved=proved_in(request))
    return _managing(request, codes=codes)


@page("POST")
def turn_off(request: SignedInRequest) -> HttpResponse:
    """Sign in by password alone from now on."""
    return _changed(request, "Two-factor sign-in is off.", workflow.turn_off)


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


def _has_proved(request: SignedInRequest) -> bool:
    try:
        proved_in(request).check(request.user)
    except workflow.ProofNeeded:
        return False
    return True


def _changed(request: SignedInRequest, words: str, change: Any, *given: int) -> HttpResponse:
    if not _has_proved(request):
        return redirect("second_factor")
    try:
        change(*given, by=request.user, proved=proved_in(request))
    except workflow.OnlyFactor as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, words)
    return redirect("second_factor")


def _done(request: SignedInRequest, done: workflow.SetUp, words: str) -> HttpResponse:
    remember(request, done.proved)
    if done.codes:
        return _managing(request, codes=done.codes)
    messages.success(request, words)
    return redirect("second_factor")


def _setting_up(request: SignedInRequest, *, key_form: NewKeyForm | None = None) -> HttpResponse:
    form = key_form or NewKeyForm(request.user, asks_password=True)
    context = {
        "key_form": form,
        "creation": creation(request, request.user, []),
        "takes_keys": site_of(request).takes_keys,
        "desks": desks_that_wait(request.user),
    }
    return _page(request, "desks/second_factor.html", context, status=422 if form.errors else 200)


def _managing(
    request: SignedInRequest, *, codes: list[str] | None = None, key_form: NewKeyForm | None = None
) -> HttpResponse:
    keys = security_keys_of(request.user)
    form = key_form or NewKeyForm(request.user, asks_password=False)
    context = {
        "factor": second_factor_of(request.user),
        "keys": keys,
        "codes": codes,
        "key_form": form,
        "creation": creation(request, request.user, keys),
        "takes_keys": site_of(request).takes_keys,
    }
    return _page(request, "desks/second_factor.html", context, status=422 if form.errors else 200)


def _page(
    request: SignedInRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    return response


urlpatterns: list[URLPattern] = [
    path("account/two-factor/", second_factor, name="second_factor"),
    path("account/two-factor/app/", set_up_app, name="set_up_app"),
    path("account/two-factor/app/remove/", remove_app, name="remove_app"),
    path("account/two-factor/keys/", add_key, name="add_security_key"),
    path("account/two-factor/keys/<int:key_id>/remove/", remove_key, name="remove_security_key"),
    path("account/two-factor/codes/", new_codes, name="renew_recovery_codes"),
    path("account/two-factor/off/", turn_off, name="turn_off_second_factor"),
    path("desks/<slug:slug>/two-factor/", require, name="require_two_factor"),
]
