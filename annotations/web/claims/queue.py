"""The home page after sign-in, the next item, leases, and work that is put off."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from annotations.domain.numbers import number_in
from annotations.models import Claim
from annotations.queries.alerts import alerts_for
from annotations.queries.changed_words import changed_claims_for
from annotations.queries.claims.choices import documents_on, saved_filters_of
from annotations.queries.claims.lists import ClaimFilter
from annotations.queries.claims.queue import queue_of
from annotations.visibility import get_visible
from annotations.web.claims.moments import WAKE_AT, MomentUnreadable, moment_of
from annotations.web.context import desk_in_hand
from annotations.web.decorators import page
from annotations.web.requests import SignedInRequest, lease_token_in, own_address
from annotations.workflow.claims.leases import Work, hold, release, renew, take_next, take_over
from annotations.workflow.claims.organise import park, skip, unpark


@page("GET")
def queue(request: SignedInRequest) -> HttpResponse:
    """Show what waits for this person on the desk in hand."""
    desk = desk_in_hand(request)
    chosen = replace(ClaimFilter.of(request.GET.dict()), desk=str(desk.pk))
    found = queue_of(request.user, desk_ids=[desk.pk], chosen=chosen)
    return render(
        request,
        "claims/queue.html",
        {
            "desk": desk,
            "queue": found,
            "alerts": alerts_for(request.user, desk.pk),
            "changed": changed_claims_for(request.user, desk.pk),
            "chosen": chosen,
            "narrowed": not chosen.without("desk").is_empty,
            "documents": documents_on(desk.pk, document_id=number_in(chosen.document)),
            "saved": saved_filters_of(request.user, desk.pk),
        },
    )


@page("POST")
def next_item(request: SignedInRequest) -> HttpResponse:
    """Lease the next item to the person, say why this one, and open it; or say that nothing waits."""
    work = Work.REVIEW if request.POST.get("work") == Work.REVIEW else Work.CHECK
    desk = desk_in_hand(request)
    handout = take_next(work=work, by=request.user, desk_ids=[desk.pk])
    if handout is None:
        waiting = "be reviewed by you" if work is Work.REVIEW else "be checked"
        later = "Skipped and parked claims come back by themselves."
        messages.info(request, f"Nothing waits to {waiting} right now. {later}")
        return redirect("queue")
    messages.info(request, f"Why this one: {handout.reason}")
    return redirect("claim", handout.claim_id)


@page("POST")
def take_claim(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Lease a chosen claim to the person. A script gets the line that says so."""
    handout = hold(claim_id, by=request.user)
    if request.htmx:
        found = get_visible(request.user, Claim.objects.select_related("lease_holder"), claim_id)
        return render(request, "claims/_held.html", {"claim": found, "lease_token": handout.lease_token})
    return redirect("claim", claim_id)


@page("POST")
def take_over_claim(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Move the lease of a claim from someone else to this person."""
    take_over(claim_id, by=request.user)
    messages.success(request, "The claim is in your hands now. Whoever held it is told when they save.")
    return redirect("claim", claim_id)


@page("POST")
def renew_claim(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Renew the lease while the page is open; answer with its new end."""
    token = lease_token_in(request)
    handout = renew(claim_id, lease_token=-1 if token is None else token, by=request.user)
    return render(request, "claims/_lease_until.html", {"until": handout.lease_until})


@page("POST")
def release_claim(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """End the lease; the claim goes back to its place in the queue."""
    release(claim_id, by=request.user, lease_token=lease_token_in(request))
    if request.htmx:
        return HttpResponse(status=204)
    messages.success(request, "You let go of the claim; it is back in the queue.")
    return redirect(_next_address(request, reverse("queue")))


@page("POST")
def skip_claim(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Offer this claim to others only for some hours, for a reason."""
    skip(claim_id, by=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, "Skipped. It is not offered to you for twelve hours; others still get it.")
    return redirect(_next_address(request, reverse("queue")))


@page("POST")
def park_claim(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Park a claim for everyone until a day, for a reason."""
    until = moment_of(request.POST.get("until", ""), at=WAKE_AT)
    if until is None:
        raise MomentUnreadable("Choose the day on which it wakes up.", fields={"until": "Choose a day."})
    park(claim_id, by=request.user, reason=request.POST.get("reason", ""), until=until)
    messages.success(request, f"Parked until {timezone.localtime(until):%-d %B, %H:%M}.")
    return redirect(_next_address(request, reverse("queue")))


@page("POST")
def wake_claim(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Bring a parked claim back now."""
    unpark(claim_id, by=request.user)
    messages.success(request, "The claim is awake and back in the queue.")
    return redirect(_next_address(request, reverse("claim", args=[claim_id])))


def _next_address(request: SignedInRequest, otherwise: str) -> str:
    return own_address(request, request.POST.get("next", ""), otherwise=otherwise)


urlpatterns: list[URLPattern] = [
    path("", queue, name="queue"),
    path("next/", next_item, name="next_item"),
    path("claims/<int:claim_id>/take/", take_claim, name="take_claim"),
    path("claims/<int:claim_id>/take-over/", take_over_claim, name="take_over_claim"),
    path("claims/<int:claim_id>/renew/", renew_claim, name="renew_claim"),
    path("claims/<int:claim_id>/release/", release_claim, name="release_claim"),
    path("claims/<int:claim_id>/skip/", skip_claim, name="skip_claim"),
    path("claims/<int:claim_id>/park/", park_claim, name="park_claim"),
    path("claims/<int:claim_id>/wake/", wake_claim, name="wake_claim"),
]
