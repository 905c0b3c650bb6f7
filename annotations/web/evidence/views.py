"""Sources of a claim: attached, watched while they are fetched, edited, withdrawn and taken back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import URLPattern, path

from annotations.domain.desks.roles import Action
from annotations.domain.errors import Duplicate, Invalid, LeaseLost, StaleEdit
from annotations.extraction import MAX_FILE_BYTES
from annotations.models import Claim, Evidence
from annotations.permissions import can
from annotations.queries.evidence.attached import EvidenceView, evidence_view, evidence_views
from annotations.visibility import check_visible
from annotations.web.claims.screen import Waiting, mark_of, show_claim, waiting_of
from annotations.web.decorators import page
from annotations.web.evidence.forms import AttachForm, EvidenceForm
from annotations.web.forms import put_on_form
from annotations.web.refusals import refusal_page
from annotations.web.requests import SignedInRequest
from annotations.workflow.evidence.attach import attach_addresses, attach_file
from annotations.workflow.evidence.edit import edit_evidence, restore_evidence, withdraw_evidence
from annotations.workflow.fetches.request import cancel_fetch, order_unverified, retry_fetch


class OneAtATime(Invalid):
    """Addresses and a file were given together."""

    code = "one_at_a_time"


class FormUnreadable(Invalid):
    """A form that no page of ours sends."""

    code = "form_unreadable"


@page("POST")
def attach(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Attach the pasted addresses or the uploaded file; what was typed stays when it is refused."""
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
        messages.success(request, _told(len(attached)))
        return redirect(f"/claims/{claim_id}/#source-{attached[0].pk}")
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
        "waiting": waiting_of(sources),
        "told": _told(len(attached)) if attached else "",
    }
    return render(request, "evidence/_attached.html", context, status=200 if attached else status)


def _attach(request: SignedInRequest, claim_id: int, form: AttachForm) -> list[Evidence]:
    given = form.cleaned_data
    addresses, file = given["addresses"].split(), given["file"]
    token = _token(request)
    if file and addresses:
        raise OneAtATime(
            "Attach the addresses and the file one after the other.",
            fields={"file": "Choose it again once the addresses are attached."},
        )
    if file:
        attached = attach_file(
            claim_id=claim_id,
            filename=file.name,
            # One byte more than is allowed shows that it is too large, and no more is read.
            content=file.read(MAX_FILE_BYTES + 1),
            stance=given["stance"],
            passage=given["passage"],
            note=given["note"],
            by=request.user,
            lease_token=token,
        )
        return [attached]
    return attach_addresses(
        claim_id=claim_id,
        addresses=addresses,
        stance=given["stance"],
        passage=given["passage"],
        note=given["note"],
        by=request.user,
        lease_token=token,
    )


@page("GET")
def waiting(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Answer the page's question what became of the fetches under way: only what changed, or nothing."""
    check_visible(request.user, Claim, claim_id)
    seen = set(request.GET.get("seen", "").split(","))
    known = {mark.partition(".")[0] for mark in seen}
    sources = evidence_views(claim_id)
    now = waiting_of(sources)
    if now and set(now.marks.split(",")) == seen:
        return HttpResponse(status=204)
    changed = [
        source for source in sources if str(source.evidence.pk) in known and mark_of(source) not in seen
    ]
    landed = [str(source.reference) for source in changed if not source.fetch.waiting]
    return _landed(request, claim_id, changed, now, f"Fetch ended: {', '.join(landed)}" if landed else "")


@page("POST")
def edit(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    """Change stance, passage and note; a newer edit by someone else is shown beside one's own."""
    form = EvidenceForm(request.POST)
    version = request.POST.get("version", "")
    if not form.is_valid() or not version.isdecimal():
        raise FormUnreadable("Choose what the source does to the claim.", fields={"stance": "Choose one."})
    try:
        edit_evidence(
            evidence_id,
            version=int(version),
            by=request.user,
            lease_token=_token(request),
            **form.cleaned_data,
        )
    except StaleEdit as refused:
        if not request.htmx:
            raise
        answer = refusal_page(request, refused)
        # Sent again, the form on the card rests on what the person has now been shown.
        shown = {"evidence_id": evidence_id, "version": refused.current["version"], "oob": True}
        answer.write(render_to_string("evidence/_version.html", shown))
        return answer
    return _card(request, evidence_id, "Saved.")


@page("POST")
def withdraw(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    """Take a source off the claim; it stays readable in place and can be taken back."""
    withdraw_evidence(evidence_id, by=request.user, lease_token=_token(request))
    return _card(request, evidence_id, "Withdrawn. You can take it back below.")


@page("POST")
def restore(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    """Undo a withdrawal."""
    restore_evidence(evidence_id, by=request.user, lease_token=_token(request))
    return _card(request, evidence_id, "Taken back in.")


@page("POST")
def retry(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    """Fetch the page of a source again now."""
    retry_fetch(evidence_view(evidence_id).reference.pk, by=request.user)
    return _fetch_part(request, evidence_id, "The page is fetched again.")


@page("POST")
def cancel(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    """Call off the fetch of a source."""
    cancel_fetch(evidence_view(evidence_id).reference.pk, by=request.user)
    return _fetch_part(request, evidence_id, "The fetch is called off.")


@page("POST")
def overlook(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    """Fetch the page of a source once in spite of its certificate."""
    order_unverified(evidence_view(evidence_id).reference.pk, by=request.user)
    return _fetch_part(request, evidence_id, "The page is fetched once without checking the certificate.")


def _card(request: SignedInRequest, evidence_id: int, told: str) -> HttpResponse:
    """Answer with the source as it is now, or lead back to it."""
    source = evidence_view(evidence_id)
    claim_id = source.evidence.claim_id
    if not request.htmx:
        messages.success(request, told)
        return redirect(f"/claims/{claim_id}/#source-{evidence_id}")
    sources = evidence_views(claim_id)
    context = {
        "claim_id": claim_id,
        "source": source,
        "lease_token": request.POST.get("lease_token", ""),
        "count": len(sources),
        "waiting": waiting_of(sources),
        "told": told,
    }
    return render(request, "evidence/_card.html", context)


def _fetch_part(request: SignedInRequest, evidence_id: int, told: str) -> HttpResponse:
    """Answer with where the fetch stands now, leaving what is being typed on the card alone."""
    source = evidence_view(evidence_id)
    claim_id = source.evidence.claim_id
    if not request.htmx:
        messages.success(request, told)
        return redirect(f"/claims/{claim_id}/#source-{evidence_id}")
    return _landed(request, claim_id, [source], waiting_of(evidence_views(claim_id)), told)


def _landed(
    request: SignedInRequest, claim_id: int, changed: list[EvidenceView], now: Waiting | None, told: str
) -> HttpResponse:
    desk_id = changed[0].reference.desk_id if changed else 0
    context = {
        "claim_id": claim_id,
        "changed": changed,
        "waiting": now,
        "told": told,
        "may_work": bool(changed) and can(request.user, Action.ATTACH_EVIDENCE, desk_id),
    }
    return render(request, "evidence/_landed.html", context)


def _token(request: SignedInRequest) -> int | None:
    given = request.POST.get("lease_token", "")
    return int(given) if given.isdecimal() else None


def _told(number: int) -> str:
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
