"""Signed claims whose words a newer version of the article changed: listed, shown, decided on."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse

from annotations.domain.errors import StaleEdit
from annotations.queries.changed_words import changed_claims_of_desk, changed_page
from annotations.web.context import desk_in_hand
from annotations.web.decorators import page
from annotations.web.forms.verdicts import ChangedWordsForm
from annotations.web.refusals import put_on_form
from annotations.web.requests import SignedInRequest
from annotations.workflow.verdicts.changed_words import keep_as_signed
from annotations.workflow.verdicts.review import NoteNeeded, reopen, withdraw_from_review


@page("GET")
def changed_claims(request: SignedInRequest) -> HttpResponse:
    """List the signed claims of the desk whose words changed, the latest change first."""
    desk = desk_in_hand(request)
    after = request.GET.get("after", "")
    found = changed_claims_of_desk(request.user, desk.pk, after=after)
    context = {
        "desk": desk,
        "rows": found.rows,
        "newest": reverse("changed_claims") if after else "",
        "older": reverse("changed_claims", query={"after": found.after}) if found.after else "",
    }
    return render(request, "changed_words/list.html", context)


@page("GET")
def changed_words(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Show what was signed beside what the article says now, and ask for a decision."""
    return _show(request, claim_id)


@page("POST")
def keep_words(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Keep the claim as it was signed, with a reason."""

    def keep(form: ChangedWordsForm) -> str:
        given = form.cleaned_data
        keep_as_signed(
            claim_id,
            record=given["record"],
            version=given["version"],
            by=request.user,
            reason=given["note"],
        )
        messages.success(request, "The claim stays as it was. Your reason is in its log.")
        return "changed_words"

    return _decide(request, claim_id, keep)


@page("POST")
def reopen_for_words(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Open a verified claim for work again because its words changed."""

    def open_again(form: ChangedWordsForm) -> str:
        reopen(claim_id, by=request.user, reason=form.cleaned_data["note"])
        messages.success(request, "Reopened. Choose its words in the article as it is now.")
        return "claim"

    return _decide(request, claim_id, open_again)


@page("POST")
def withdraw_for_words(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Take a claim back from review because its words changed."""

    def take_back(_: ChangedWordsForm) -> str:
        withdraw_from_review(claim_id, by=request.user)
        messages.success(request, "Taken back from review. Choose its words in the article as it is now.")
        return "claim"

    return _decide(request, claim_id, take_back)


def _decide(
    request: SignedInRequest, claim_id: int, decide: Callable[[ChangedWordsForm], str]
) -> HttpResponse:
    form = ChangedWordsForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            return redirect(decide(form), claim_id)
        except NoteNeeded as needed:
            form.add_error("note", needed.sentence)
        except StaleEdit as refused:
            put_on_form(form, refused)
            status = 409
    return _show(request, claim_id, form=form, status=status)


def _show(
    request: SignedInRequest, claim_id: int, *, form: ChangedWordsForm | None = None, status: int = 200
) -> HttpResponse:
    found = changed_page(request.user, claim_id)
    context: dict[str, Any] = {"page": found, "claim": found.row.claim, "form": form}
    return render(request, "changed_words/page.html", context, status=status)


urlpatterns: list[URLPattern] = [
    path("changed-words/", changed_claims, name="changed_claims"),
    path("claims/<int:claim_id>/changed-words/", changed_words, name="changed_words"),
    path("claims/<int:claim_id>/changed-words/keep/", keep_words, name="keep_words"),
    path("claims/<int:claim_id>/changed-words/reopen/", reopen_for_words, name="reopen_for_words"),
    path("claims/<int:claim_id>/changed-words/withdraw/", withdraw_for_words, name="withdraw_for_words"),
]
