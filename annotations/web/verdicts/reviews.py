"""The second person's decision, and the moves that undo a submission or a decision."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from annotations.domain.errors import Invalid, LeaseLost, StaleEdit, WrongState
from annotations.web.claims.screen import show_claim
from annotations.web.decorators import page
from annotations.web.forms.verdicts import ReviewForm
from annotations.web.refusals import put_on_form
from annotations.web.requests import SignedInRequest
from annotations.workflow.verdicts.review import (
    StaleReview,
    approve,
    reopen,
    return_claim,
    withdraw_from_review,
)


@page("POST")
def approve_claim(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Sign off the verdict that was read."""
    return _decide(request, claim_id, approve, "approved")


@page("POST")
def return_for_work(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Send the claim back with a note."""
    return _decide(request, claim_id, return_claim, "returned")


def _decide(request: SignedInRequest, claim_id: int, decide: Callable[..., Any], done: str) -> HttpResponse:
    form = ReviewForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            decide(claim_id, by=request.user, **form.cleaned_data)
        except (Invalid, StaleEdit, LeaseLost, WrongState) as refused:
            put_on_form(form, refused)
            form.changes = refused.changes if isinstance(refused, StaleReview) else []
            status = 422 if isinstance(refused, Invalid) else 409
        else:
            return redirect(reverse("claim", args=[claim_id], query={"done": done}))
    return show_claim(request, claim_id, status=status, review_form=form)


@page("POST")
def withdraw(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Take a claim back from review to change it."""
    withdraw_from_review(claim_id, by=request.user)
    messages.success(request, "Taken back from review. Change it, then submit it again.")
    return redirect("claim", claim_id)


@page("POST")
def reopen_claim(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Open a verified claim for work again, with a reason."""
    reopen(claim_id, by=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, "Reopened. Reports already frozen keep what they said.")
    return redirect("claim", claim_id)


urlpatterns: list[URLPattern] = [
    path("claims/<int:claim_id>/approve/", approve_claim, name="approve_claim"),
    path("claims/<int:claim_id>/return/", return_for_work, name="return_claim"),
    path("claims/<int:claim_id>/withdraw/", withdraw, name="withdraw_claim"),
    path("claims/<int:claim_id>/reopen/", reopen_claim, name="reopen_claim"),
]
