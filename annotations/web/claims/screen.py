"""The page of one claim, and what it offers the person who looks at it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.text import get_text_list

from annotations.domain.claims.states import STATEMENT_EDITABLE, WORKABLE, ClaimState
from annotations.domain.desks.roles import Action
from annotations.models import User
from annotations.permissions import can, can_review
from annotations.queries.claims.page import ClaimPage, claim_page
from annotations.web.forms.evidence import AttachForm
from annotations.web.forms.verdicts import VerdictForm
from annotations.web.polling import waiting_for
from annotations.web.requests import SignedInRequest

FINISHED = {
    "submitted": "The verdict waits for a second person now.",
    "approved": "Verified. The claim can go into reports from now on.",
    "returned": "Returned with your note.",
}
"""What may stand after `?done=`: the page then leads on to the next item."""


@dataclass(frozen=True)
class Abilities:
    """What the page offers this person. `why_not_review` says why they may not review."""

    work: bool
    judge: bool
    edit: bool
    organise: bool
    review: bool
    withdraw: bool
    reopen: bool
    take_over: bool
    check_next: bool
    review_next: bool
    mine: bool
    held_by_other: bool
    why_not_review: str


def abilities(user: User, page: ClaimPage) -> Abilities:
    """Return what `user` may do with the claim as it stands. The workflow decides again on each action."""
    claim = page.claim
    desk, state = claim.desk_id, ClaimState(claim.state)
    mine = page.is_held and claim.lease_holder_id == user.pk
    other = page.is_held and not mine
    workable = state in WORKABLE and not other
    in_review = state is ClaimState.IN_REVIEW
    return Abilities(
        work=workable and can(user, Action.ATTACH_EVIDENCE, desk),
        judge=workable and can(user, Action.GIVE_VERDICT, desk),
        edit=state in STATEMENT_EDITABLE and not other and can(user, Action.EDIT_CLAIM, desk),
        organise=can(user, Action.ORGANISE, desk),
        review=in_review and not other and can_review(user, claim),
        withdraw=in_review and not other and can(user, Action.GIVE_VERDICT, desk),
        reopen=state is ClaimState.VERIFIED and can(user, Action.REOPEN, desk),
        take_over=other and can(user, Action.RELEASE_OTHERS, desk),
        check_next=can(user, Action.GIVE_VERDICT, desk),
        review_next=can(user, Action.REVIEW, desk),
        mine=mine,
        held_by_other=other,
        why_not_review=_why_not_review(user, page) if in_review else "",
    )


def _why_not_review(user: User, page: ClaimPage) -> str:
    claim = page.claim
    if not can(user, Action.REVIEW, claim.desk_id):
        return "A reviewer of this desk decides on it."
    if can_review(user, claim):
        return ""
    parts = []
    if user.pk in claim.statement_author_ids:
        parts.append("wrote the statement, or said who made it or where it stands")
    if any(user.pk in source.evidence.author_ids for source in page.live_evidence):
        parts.append("attached or edited a source")
    if any(source.evidence.withdrawn_by_id == user.pk for source in page.sources):
        parts.append("withdrew a source")
    if page.judged and page.judged.verdict.created_by_id == user.pk:
        parts.append("gave the verdict")
    if claim.submitted_by_id == user.pk:
        parts.append("submitted it")
    did = get_text_list(parts or ["uploaded the capture of a source, or changed the article"], "and")
    return f"You {did}, so another reviewer has to decide. Nobody signs off their own work."


def show_claim(
    request: SignedInRequest,
    claim_id: int,
    *,
    status: int = 200,
    source_form: AttachForm | None = None,
    verdict_form: VerdictForm | None = None,
    newer: Mapping[str, object] | None = None,
    review_form: forms.Form | None = None,
) -> HttpResponse:
    """Render the page of a claim. A refused action passes its bound form, which is shown as it was sent.

    `newer` is the verdict that someone else gave meanwhile, shown beside the person's own text.
    """
    page = claim_page(request.user, claim_id, log_after=request.GET.get("log", ""))
    may = abilities(request.user, page)
    in_force = page.judged.verdict if page.judged else None
    if verdict_form is None and may.judge:
        verdict_form = VerdictForm.starting(page.draft, in_force)
    if (
        newer is None
        and page.draft
        and in_force
        and (page.draft.base.number if page.draft.base else 0) != in_force.number
    ):
        newer = {
            "by": in_force.created_by.display_name,
            "rating": in_force.rating.label,
            "reasoning": in_force.reasoning,
            "as_of": in_force.as_of.isoformat(),
        }
    claim = page.claim
    done = request.GET.get("done", "")
    context = {
        "page": page,
        "claim": claim,
        "may": may,
        "lease_token": claim.lease_token if may.mine else "",
        "waiting": waiting_for({source.evidence.pk: source.fetch for source in page.live_evidence}),
        "source_form": source_form or AttachForm(),
        "verdict_form": verdict_form,
        "newer": {**newer, "as_of": date.fromisoformat(str(newer["as_of"]))} if newer else None,
        "replacing": bool(page.draft or newer or (verdict_form and verdict_form.is_bound)),
        "review_form": review_form,
        "deciding": may.review and page.record is not None,
        "record": page.record if may.review else None,
        "finished": FINISHED.get(done, ""),
        "priorities": [(1, "first"), (2, "soon"), (3, "usual"), (4, "later"), (5, "last")],
    }
    return render(request, "claims/claim.html", context, status=status)
