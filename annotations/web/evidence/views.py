"""Evidence of a claim: attached, fetched, edited, withdrawn and restored."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse

from annotations.domain.desks.roles import Action
from annotations.domain.errors import Duplicate, Invalid, LeaseLost, StaleEdit
from annotations.domain.numbers import number_in
from annotations.extraction import MAX_FILE_BYTES
from annotations.models import Claim, Evidence
from annotations.permissions import can
from annotations.queries.evidence.attached import EvidenceView, evidence_view, evidence_views
from annotations.visibility import check_visible
from annotations.web.claims.screen import show_claim
from annotations.web.decorators import page
from annotations.web.forms.evidence import AttachForm, EvidenceForm
from annotations.web.polling import Waiting, mark_of, waiting_for
from annotations.web.refusals import put_on_form, refusal_page
from annotations.web.requests import SignedInRequest, lease_token_in
from annotations.workflow.evidence.attach import attach_addresses, attach_file
from annotations.workflow.evidence.edit import edit_evidence, restore_evidence, withdraw_evidence
from annotations.workflow.fetches.request import cancel_fetch, order_unverified, retry_fetch


class OneAtATime(Invalid):
    """Addresses and a file were given together."""

    code = "one_at_a_time"


class FormUnreadable(Invalid):
    """A form that none of our pages sends."""

    code = "form_unreadable"


@page("POST", takes_files=True)
def attach(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Attach the pasted addresses or the uploaded file. A refusal keeps what was typed."""
    form = AttachForm(request.POST, request.FILES)
    attached: list[Evidence] = []
    status = 422
    if form.is_valid():
        try:
            attached = _attach(request, claim_id, form)
        except (Invalid, Duplicate, LeaseLost) as refused:
            put_on_form(form, refused)
            status = 422 if isinstance(refused, Invalid) else 409
    if attached and not request.htmx:
        messages.success(request, _attached_words(len(attached)))
        return redirect(_place_of(claim_id, attached[0].pk))
    if not request.htmx:
        return show_claim(request, claim_id, status=status, source_form=form)
    new = {evidence.pk for evidence in attached}
    sources = evidence_views(claim_id) if attached else []
    context = {
        "claim_id": claim_id,
        "form": AttachForm() if attached else form,
        "lease_token": request.POST.get("lease_token", ""),
        "added": [source for source in sources if source.evidence.pk in new],
        "count": len(sources),
        "waiting": _waiting(sources),
        "message": _attached_words(len(attached)) if attached else "",
    }
    return render(request, "evidence/_attached.html", context, status=200 if attached else status)


def _attach(request: SignedInRequest, claim_id: int, form: AttachForm) -> list[Evidence]:
    given = form.cleaned_data
    addresses, file = given["addresses"].split(), given["file"]
    if file and addresses:
        raise OneAtATime(
            "Attach the addresses and the file one after the other.",
            fields={"file": "Choose it again once the addresses are attached."},
        )
    if file:
        attached = attach_file(
            claim_id=claim_id,
            filename=file.name,
            # One byte more than is allowed is enough to see that the file is too large.
            content=file.read(MAX_FILE_BYTES + 1),
            stance=given["stance"],
            passage=given["passage"],
            note=given["note"],
            by=request.user,
            lease_token=lease_token_in(request),
        )
        return [attached]
    return attach_addresses(
        claim_id=claim_id,
        addresses=addresses,
        stance=given["stance"],
        passage=given["passage"],
        note=given["note"],
        by=request.user,
        lease_token=lease_token_in(request),
    )


@page("GET")
def waiting(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Answer a page that asks about the fetches under way: with what changed, or with 204 if nothing did."""
    check_visible(request.user, Claim, claim_id)
    seen = set(request.GET.get("seen", "").split(","))
    known = {mark.partition(".")[0] for mark in seen}
    sources = evidence_views(claim_id)
    now = _waiting(sources)
    if now and set(now.marks.split(",")) == seen:
        return HttpResponse(status=204)
    changed = [
        source
        for source in sources
        if str(source.evidence.pk) in known and mark_of(source.evidence.pk, source.fetch) not in seen
    ]
    landed = [str(source.reference) for source in changed if not source.fetch.waiting]
    return _landed(request, claim_id, changed, now, f"Fetch ended: {', '.join(landed)}" if landed else "")


@page("POST")
def edit(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    """Change stance, passage and note. A newer edit by someone else is shown beside the person's own."""
    form = EvidenceForm(request.POST)
    version = number_in(request.POST.get("version"))
    if not form.is_valid() or version is None:
        raise FormUnreadable("Choose what the source does to the claim.", fields={"stance": "Choose one."})
    try:
        edit_evidence(
            evidence_id,
            version=version,
            by=request.user,
            lease_token=lease_token_in(request),
            **form.cleaned_data,
        )
    except StaleEdit as refused:
        if not request.htmx:
            raise
        answer = refusal_page(request, refused)
        # The person has now seen the newer version, so that is the one the form on the card rests on.
        shown = {"evidence_id": evidence_id, "version": refused.current["version"], "oob": True}
        answer.write(render_to_string("evidence/_version.html", shown))
        return answer
    return _card(request, evidence_id, "Saved.")


@page("POST")
def withdraw(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    """Withdraw a piece of evidence; it stays readable in its place and can be restored."""
    withdraw_evidence(evidence_id, by=request.user, lease_token=lease_token_in(request))
    return _card(request, evidence_id, "Withdrawn. You can restore it below.")


@page("POST")
def restore(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    """Restore a withdrawn piece of evidence."""
    restore_evidence(evidence_id, by=request.user, lease_token=lease_token_in(request))
    return _card(request, evidence_id, "Restored.")


@page("POST")
def retry(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    """Fetch the page of a source again now."""
    retry_fetch(evidence_view(evidence_id).reference.pk, by=request.user)
    return _fetch_part(request, evidence_id, "The page is fetched again.")


@page("POST")
def cancel(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    """Call off the fetch of a source."""
    cancel_fetch(evidence_view(evidence_id).reference.pk, by=request.user)
    return _fetch_part(request, evidence_id, "The fetch is cancelled.")


@page("POST")
def overlook(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    """Fetch the page of a source once in spite of its certificate."""
    order_unverified(evidence_view(evidence_id).reference.pk, by=request.user)
    return _fetch_part(request, evidence_id, "The page is fetched once without checking the certificate.")


def _card(request: SignedInRequest, evidence_id: int, message: str) -> HttpResponse:
    """Answer a script with the card of the source as it is now; lead others back to it."""
    source = evidence_view(evidence_id)
    claim_id = source.evidence.claim_id
    if not request.htmx:
        messages.success(request, message)
        return redirect(_place_of(claim_id, evidence_id))
    sources = evidence_views(claim_id)
    context = {
        "claim_id": claim_id,
        "source": source,
        "lease_token": request.POST.get("lease_token", ""),
        "count": len(sources),
        "waiting": _waiting(sources),
        "message": message,
    }
    return render(request, "evidence/_card.html", context)


def _fetch_part(request: SignedInRequest, evidence_id: int, message: str) -> HttpResponse:
    """Answer a script with the state of the fetch only, so that what is being typed on the card stays."""
    source = evidence_view(evidence_id)
    claim_id = source.evidence.claim_id
    if not request.htmx:
        messages.success(request, message)
        return redirect(_place_of(claim_id, evidence_id))
    return _landed(request, claim_id, [source], _waiting(evidence_views(claim_id)), message)


def _landed(
    request: SignedInRequest, claim_id: int, changed: list[EvidenceView], now: Waiting | None, message: str
) -> HttpResponse:
    desk_id = changed[0].reference.desk_id if changed else 0
    context = {
        "claim_id": claim_id,
        "changed": changed,
        "waiting": now,
        "message": message,
        "may_work": bool(changed) and can(request.user, Action.ATTACH_EVIDENCE, desk_id),
    }
    return render(request, "evidence/_landed.html", context)


def _waiting(sources: list[EvidenceView]) -> Waiting | None:
    return waiting_for({source.evidence.pk: source.fetch for source in sources})


def _place_of(claim_id: int, evidence_id: int) -> str:
    return reverse("claim", args=[claim_id], fragment=f"source-{evidence_id}")


def _attached_words(number: int) -> str:
    return (
        "Attached. The page is fetched in the background." if number == 1 else f"{number} sources attached."
    )


urlpatterns: list[URLPattern] = [
    path("claims/<int:claim_id>/sources/", attach, name="attach_source"),
    path("claims/<int:claim_id>/sources/waiting/", waiting, name="waiting_sources"),
    path("evidence/<int:evidence_id>/edit/", edit, name="edit_source"),
    path("evidence/<int:evidence_id>/withdraw/", withdraw, name="withdraw_source"),
    path("evidence/<int:evidence_id>/restore/", restore, name="restore_source"),
    path("evidence/<int:evidence_id>/retry/", retry, name="retry_source"),
    path("evidence/<int:evidence_id>/cancel/", cancel, name="cancel_source"),
    path("evidence/<int:evidence_id>/overlook-certificate/", overlook, name="overlook_certificate"),
]
