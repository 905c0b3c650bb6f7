"""The second step of the door: whoever has a second factor shows it before they are let in."""

import time
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_post_parameters

from annotations.domain.errors import Refused
from annotations.models import User
from annotations.queries.desks.account import desks_that_wait, has_second_factor, security_keys_of
from annotations.web.desks.door import let_in
from annotations.web.desks.security_keys import answer_in, question, site_of
from annotations.web.desks.tries import check_tries, count_wrong
from annotations.web.forms.desks import ProofForm
from annotations.web.refusals import put_on_form
from annotations.workflow.desks.second_factor import NOT_PROVED, Proved, prove

_PENDING = "second_step"
_PROVED = "second_factor_proved"
_PENDING_SECONDS = 600


def first_step_passed(request: HttpRequest, user: User, next_address: str) -> HttpResponse:
    """Let the person in, or ask for their second factor first."""
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
    """Ask for a code or a security key."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    pending, user = _pending(request)
    if user is None:
        request.session.pop(_PENDING, None)
        return redirect("sign_in")
    form = ProofForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            proved = proof_in(request, user, form)
        except Refused as refused:
            put_on_form(form, refused)
        else:
            del request.session[_PENDING]
            response = let_in(request, user, HttpResponseRedirect(str(pending["next"])))
            remember(request, proved)
            return response
    return proof_page(request, user, form, "registration/second_step.html")


def proof_in(request: HttpRequest, user: User, form: ProofForm) -> Proved:
    """Check the second factor that this form shows, and return the proof.

    Ends the challenge of the session if a key answered. Raises WrongCode or WrongKey, which count like a
    wrong password, or TooManyTries.
    """
    check_tries(request, user)
    text = form.cleaned_data["answer"]
    try:
        return prove(user, code=form.cleaned_data["code"], answer=answer_in(request, text) if text else None)
    except Refused:
        count_wrong(request, user)
        raise


def proof_page(
    request: HttpRequest, user: User, form: ProofForm, template: str, context: dict[str, Any] | None = None
) -> HttpResponse:
    """Return a page that asks for the second factor."""
    keys = security_keys_of(user)
    context = {
        **(context or {}),
        "form": form,
        "has_keys": bool(keys),
        "takes_keys": site_of(request).takes_keys,
        "question": question(request, keys),
    }
    response = render(request, template, context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


def remember(request: HttpRequest, proved: Proved) -> None:
    """Keep in the session that the person showed their second factor."""
    request.session[_PROVED] = [proved.user_id, proved.at]


def proved_in(request: HttpRequest) -> Proved:
    """Return the proof that `remember` kept in the session, or NOT_PROVED."""
    kept = request.session.get(_PROVED)
    return Proved(*kept) if kept else NOT_PROVED


def _pending(request: HttpRequest) -> tuple[dict[str, Any], User | None]:
    """Return what the first step left, and its person if it still holds."""
    pending: dict[str, Any] = request.session.get(_PENDING) or {}
    if not pending or time.time() - pending["at"] > _PENDING_SECONDS:
        return pending, None
    user = User.objects.filter(pk=pending["user"], is_active=True).first()
    holds = user is not None and constant_time_compare(user.get_session_auth_hash(), pending["hash"])
    return pending, user if holds else None


urlpatterns: list[URLPattern] = [
    path("sign-in/code/", second_step, name="second_step"),
]
