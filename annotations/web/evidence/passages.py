"""The text that was read from a source, and the passage relied on in it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse

from annotations.domain.claims.anchoring import Quote
from annotations.domain.claims.states import WORKABLE, ClaimState
from annotations.domain.desks.roles import Action
from annotations.domain.errors import Invalid, Refused, StaleEdit
from annotations.domain.numbers import number_in
from annotations.permissions import can, check_can
from annotations.queries.evidence.passage_text import PassageText, passage_text
from annotations.web.decorators import page
from annotations.web.documents.article import part_html
from annotations.web.forms.evidence import PassageForm
from annotations.web.refusals import put_on_form
from annotations.web.requests import SignedInRequest, lease_token_in
from annotations.workflow.evidence.edit import PassageAmbiguous, rely_on_passage


@page("GET")
def text(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    """Show the text read from a source with the passage marked, and the form to choose another."""
    asked = request.GET
    found = passage_text(
        request.user,
        evidence_id,
        capture_id=number_in(asked.get("reading")),
        part=number_in(asked.get("part")),
    )
    words = found.words
    form = PassageForm(
        initial={"words": words, "capture": found.capture.pk, "version": found.evidence.version}
    )
    return _text_page(request, found, form)


@page("POST")
def choose(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    """Rely on selected or pasted words; ask which place is meant where they occur twice."""
    form = PassageForm(request.POST)
    capture_id = number_in(request.POST.get("capture"))
    if form.is_valid():
        given = dict(form.cleaned_data)
        try:
            evidence = rely_on_passage(
                evidence_id,
                capture_id=given.pop("capture"),
                lease_token=lease_token_in(request),
                by=request.user,
                **given,
            )
        except (Invalid, StaleEdit) as refused:
            found = passage_text(request.user, evidence_id, capture_id=capture_id)
            return _refused(request, found, form, refused)
        messages.success(request, "The passage is chosen.")
        return redirect(reverse("claim", args=[evidence.claim_id], fragment=f"source-{evidence_id}"))
    found = passage_text(request.user, evidence_id)
    check_can(request.user, Action.ATTACH_EVIDENCE, found.evidence.claim.desk_id)
    missing = "Something was missing from what was sent. Choose the passage again."
    return _refused(request, found, form, Invalid(missing))


def _refused(
    request: SignedInRequest, found: PassageText, sent: PassageForm, refused: Refused
) -> HttpResponse:
    """Show the page again with the words that were sent, but without their place, which was refused."""
    stale = isinstance(refused, StaleEdit)
    form = PassageForm(
        {
            "words": sent.data.get("words", ""),
            "capture": found.capture.pk,
            # The person has now seen the newer version, so that is the one the form rests on.
            "version": found.evidence.version if stale else sent.data.get("version", ""),
        }
    )
    put_on_form(form, refused)
    places = refused.places if isinstance(refused, PassageAmbiguous) else ()
    return _text_page(request, found, form, places=places, status=409 if stale else 422, newer=stale)


def _text_page(
    request: SignedInRequest,
    found: PassageText,
    form: PassageForm,
    *,
    places: tuple[Quote, ...] = (),
    status: int = 200,
    newer: bool = False,
) -> HttpResponse:
    evidence, claim = found.evidence, found.evidence.claim
    mine = found.is_held and claim.lease_holder_id == request.user.pk
    may_choose = (
        can(request.user, Action.ATTACH_EVIDENCE, claim.desk_id)
        and ClaimState(claim.state) in WORKABLE
        and evidence.withdrawn_at is None
        and (mine or not found.is_held)
    )
    context: dict[str, Any] = {
        "found": found,
        "evidence": evidence,
        "claim": claim,
        "reference": evidence.reference,
        "capture": found.capture,
        "text": part_html(found.capture.text, found.part, found.mark),
        "parts": _parts(found),
        "newest": found.choices[0],
        "may_choose": may_choose,
        "mine": mine,
        "lease_token": claim.lease_token if mine else "",
        "form": form,
        "places": places,
        "newer": newer,
    }
    return render(request, "evidence/passage_text.html", context, status=status)


def _parts(found: PassageText) -> list[tuple[int, str, bool]]:
    """Return number, address and whether it is shown of each part of a long text; none for a short one."""
    if len(found.parts) == 1:
        return []
    return [
        (
            number,
            reverse(
                "source_text",
                args=[found.evidence.pk],
                query={"reading": found.capture.pk, "part": number},
            ),
            part == found.part,
        )
        for number, part in enumerate(found.parts, start=1)
    ]


urlpatterns: list[URLPattern] = [
    path("evidence/<int:evidence_id>/text/", text, name="source_text"),
    path("evidence/<int:evidence_id>/passage/", choose, name="choose_passage"),
]
