"""Giving a verdict: kept while it is typed, put in force, sent to a second person."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from annotations.domain.errors import Invalid, LeaseLost, StaleEdit
from annotations.domain.numbers import number_in
from annotations.web.claims.screen import show_claim
from annotations.web.decorators import page
from annotations.web.forms.verdicts import VerdictForm
from annotations.web.refusals import put_on_form
from annotations.web.requests import SignedInRequest, lease_token_in
from annotations.workflow.verdicts.give import (
    StaleSubmission,
    discard_draft,
    give_verdict,
    save_draft,
    submit_for_review,
)


@page("POST")
def give(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Put the verdict in force, or with `submit` also send it on; what was typed stays when refused."""
    submit = "submit" in request.POST
    form = VerdictForm(request.POST)
    newer: dict[str, object] | None = None
    status = 422
    if form.is_valid():
        try:
            give_verdict(
                claim_id,
                draft=form.draft(),
                base_number=form.seen_number,
                by=request.user,
                lease_token=lease_token_in(request),
                submit=submit,
                sources=_sources_shown(request),
            )
        except StaleSubmission as refused:
            put_on_form(form, refused)
            status = 409
        except StaleEdit as refused:
            put_on_form(form, refused)
            status, newer = 409, refused.current
            # Sent again it rests on what the person has now been shown.
            form.data = {**request.POST.dict(), "base_number": str(refused.current.get("number", 0))}
        except LeaseLost as refused:
            put_on_form(form, refused)
            status = 409
        except Invalid as refused:
            put_on_form(form, refused)
        else:
            if submit:
                return redirect(reverse("claim", args=[claim_id], query={"done": "submitted"}))
            messages.success(
                request, "The verdict is in force. Submit it when it is ready for a second person."
            )
            return redirect("claim", claim_id)
    return show_claim(request, claim_id, status=status, verdict_form=form, newer=newer)


@page("POST")
def draft(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Keep what is typed so far; answers a script with when it was kept, a plain form with the page."""
    form = VerdictForm(request.POST)
    # A half-typed date is no reason to lose the reasoning: what cannot be read is left empty.
    form.is_valid()
    save_draft(claim_id, draft=form.draft(), base_number=form.seen_number, by=request.user)
    if request.htmx:
        return render(request, "verdicts/_draft_saved.html", {"at": timezone.localtime()})
    messages.success(request, "The draft is saved. Only you can see it.")
    return redirect(reverse("claim", args=[claim_id], fragment="verdict"))


@page("POST")
def discard(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Throw away one's own draft."""
    discard_draft(claim_id, by=request.user)
    messages.success(request, "Your draft is thrown away.")
    return redirect(reverse("claim", args=[claim_id], fragment="verdict"))


@page("POST")
def submit(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Send the verdict in force to a second person as it stands."""
    submit_for_review(
        claim_id,
        by=request.user,
        lease_token=lease_token_in(request),
        verdict_number=number_in(request.POST.get("verdict_number")),
        sources=_sources_shown(request),
    )
    return redirect(reverse("claim", args=[claim_id], query={"done": "submitted"}))


def _sources_shown(request: SignedInRequest) -> frozenset[str] | None:
    """Return the sources that the page showed, each as number and version; None from a form that names none.

    Each card names its own, so that a card that was added or renewed by a script counts as it is shown.
    """
    return frozenset(request.POST.getlist("sources")) if "shows_sources" in request.POST else None


urlpatterns: list[URLPattern] = [
    path("claims/<int:claim_id>/verdict/", give, name="give_verdict"),
    path("claims/<int:claim_id>/verdict/draft/", draft, name="save_draft"),
    path("claims/<int:claim_id>/verdict/discard/", discard, name="discard_draft"),
    path("claims/<int:claim_id>/submit/", submit, name="submit_claim"),
]
