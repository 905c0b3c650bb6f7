"""The home page after sign-in, handing out work, and putting it off."""

from dataclasses import replace
from datetime import datetime, time

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme

from annotations.domain.errors import Invalid
from annotations.models import Claim
from annotations.queries.alerts import alerts_for
from annotations.queries.claims.choices import documents_on, saved_filters_of
from annotations.queries.claims.lists import ClaimFilter
from annotations.queries.claims.queue import queue_of
from annotations.web.context import desk_in_hand
from annotations.web.decorators import page
from annotations.web.requests import SignedInRequest
from annotations.workflow.claims.leases import Work, hold, release, renew, take_next, take_over
from annotations.workflow.claims.organise import park, skip, wake

# A parked claim wakes at the start of a working day, wherever the newsroom is.
_WAKE_AT = time(8, 0)


class MomentUnreadable(Invalid):
    """A date that cannot be read."""

    code = "moment_unreadable"


@page("GET")
def queue(request: SignedInRequest) -> HttpResponse:
    """Show what waits for this person on the desk in hand."""
    desk = desk_in_hand(request)
    chosen = replace(ClaimFilter.of(request.GET.dict()), desk=str(desk.pk))
    found = queue_of(request.user, desk_ids=[desk.pk], chosen=chosen)
    document = int(chosen.document) if chosen.document.isdecimal() else None
    return render(
        request,
        "claims/queue.html",
        {
            "desk": desk,
            "queue": found,
            "alerts": alerts_for(request.user, desk.pk),
            "chosen": chosen,
            "narrowed": not chosen.without("desk").is_empty,
            "documents": documents_on(desk.pk, document_id=document),
            "saved": saved_filters_of(request.user, desk.pk),
        },
    )


@page("POST")
def next_item(request: SignedInRequest) -> HttpResponse:
    """Hand out one item under a lease, say why this one, and open it; or say that nothing waits."""
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
    """Take a chosen claim into one's hands; answers a script with the line that says so."""
    handout = hold(claim_id, by=request.user)
    if request.htmx:
        found = Claim.objects.select_related("lease_holder").get(pk=claim_id)
        return render(request, "claims/_held.html", {"claim": found, "lease_token": handout.lease_token})
    return redirect("claim", claim_id)


@page("POST")
def take_over_claim(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Take a claim out of someone else's hands."""
    take_over(claim_id, by=request.user)
    messages.success(request, "The claim is in your hands now. Whoever held it is told when they save.")
    return redirect("claim", claim_id)


@page("POST")
def renew_claim(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Keep a hold alive while the page is open; answers with the new end of the hold."""
    token = request.POST.get("lease_token", "")
    handout = renew(claim_id, lease_token=int(token) if token.isdecimal() else -1, by=request.user)
    return render(request, "claims/_lease_until.html", {"until": handout.lease_until})


@page("POST")
def release_claim(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Let go of a claim; it goes back to where it stood in the queue."""
    token = request.POST.get("lease_token", "")
    release(claim_id, by=request.user, lease_token=int(token) if token.isdecimal() else None)
    if request.htmx:
        return HttpResponse(status=204)
    messages.success(request, "You let go of the claim; it is back in the queue.")
    return redirect(_way_on(request, reverse("queue")))


@page("POST")
def skip_claim(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Not be offered this claim for some hours, with a reason."""
    skip(claim_id, by=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, "Skipped. It is not offered to you for twelve hours; others still get it.")
    return redirect(_way_on(request, reverse("queue")))


@page("POST")
def park_claim(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Put a claim to sleep for everyone until a day, with a reason."""
    until = moment_of(request.POST.get("until", ""), at=_WAKE_AT)
    if until is None:
        raise MomentUnreadable("Choose the day on which it wakes up.", fields={"until": "Choose a day."})
    park(claim_id, by=request.user, reason=request.POST.get("reason", ""), until=until)
    messages.success(request, f"Parked until {timezone.localtime(until):%-d %B, %H:%M}.")
    return redirect(_way_on(request, reverse("queue")))


@page("POST")
def wake_claim(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Bring a parked claim back now."""
    wake(claim_id, by=request.user)
    messages.success(request, "The claim is awake and back in the queue.")
    return redirect(_way_on(request, reverse("claim", args=[claim_id])))


def moment_of(text: str, *, at: time) -> datetime | None:
    """Read a day or a moment from a form; a day means `at` on it, in the newsroom's time zone.

    Returns None for an empty text. Raises MomentUnreadable for anything else that is no date.
    """
    words = text.strip()
    if not words:
        return None
    try:
        day = parse_date(words)
        moment = datetime.combine(day, at) if day else parse_datetime(words)
    except ValueError:
        moment = None
    if moment is not None:
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    raise MomentUnreadable("That is not a date. Write it as 2026-12-31.", fields={"until": "Not a date."})


def _way_on(request: SignedInRequest, otherwise: str) -> str:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else otherwise


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
