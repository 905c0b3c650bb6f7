"""Give a verdict: drafts are saved while they are typed, and no verdict is ever overwritten."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from annotations.domain.activity import Verb
from annotations.domain.claims.anchoring import AnchorState
from annotations.domain.claims.states import ClaimState, Move, target_of
from annotations.domain.desks.roles import Action
from annotations.domain.errors import Invalid, LeaseLost, Refused, StaleEdit, WrongState
from annotations.domain.verdicts.scale import check_ready_for_review
from annotations.models import (
    Activity,
    Anchor,
    Claim,
    Evidence,
    Rating,
    SignedRecord,
    User,
    Verdict,
    VerdictDraft,
)
from annotations.permissions import check_can, check_can_move
from annotations.visibility import not_here
from annotations.workflow.activity import claim_activity, record_all
from annotations.workflow.claims.locking import check_workable, hold_article, lock_claim

MAX_REASONING = 20_000
# A text that has still to be cut is kept while it is.
MAX_DRAFT = 200_000


class VerdictRefused(Invalid):
    """The verdict as typed cannot be used; `fields` says what is wrong where."""

    code = "verdict_invalid"


class StaleVerdict(StaleEdit):
    """Someone else gave a verdict since this one was begun."""

    code = "stale_verdict"


class StaleSubmission(StaleEdit):
    """Someone else gave a verdict or changed the sources since the page was read."""

    code = "stale_submission"


class PlaceUndecided(WrongState):
    """Nobody has said yet where the claim stands in the article as it is now."""

    code = "place_undecided"


@dataclass(frozen=True)
class Draft:
    """What a person has typed so far; anything may be missing."""

    rating_id: int | None = None
    reasoning: str = ""
    as_of: date | None = None
    reason_for_change: str = ""


@transaction.atomic(durable=True)
def save_draft(claim_id: int, *, draft: Draft, base_number: int, by: User) -> VerdictDraft:
    """Keep what a person is typing, replacing their earlier draft on this claim.

    `base_number` is the number of the verdict that was in force when they began, 0 for none. A draft is
    kept whatever has become of the claim or of the desk's scale meanwhile, so that nothing typed is lost: a
    rating that is not on the scale is left out, and a text may be too long for a verdict, up to MAX_DRAFT
    characters. No line of the log is written. Raises Missing, NotAllowed or VerdictRefused.
    """
    return _keep_draft(claim_id, draft, base_number, by)


def _keep_draft(claim_id: int, draft: Draft, base_number: int, by: User) -> VerdictDraft:
    check_can_move(by, Move.SUBMIT, _desk_of(claim_id))
    claim = Claim.objects.get(pk=claim_id)
    if len(draft.reasoning) > MAX_DRAFT:
        raise VerdictRefused(
            "The reasoning is too long to keep.",
            fields={"reasoning": f"At most {MAX_DRAFT:,} characters; this has {len(draft.reasoning):,}."},
        )
    rating = _on_scale(claim, draft.rating_id).first() if draft.rating_id else None
    base = Verdict.objects.filter(claim=claim, number=base_number).first() if base_number else None
    saved, _ = VerdictDraft.objects.update_or_create(
        claim=claim,
        user=by,
        defaults={
            "base": base,
            "rating": rating,
            "reasoning": draft.reasoning,
            "as_of": draft.as_of,
            "reason_for_change": draft.reason_for_change,
            "saved_at": Now(),
        },
    )
    return saved


@transaction.atomic(durable=True)
def discard_draft(claim_id: int, *, by: User) -> None:
    """Throw away the person's own draft on this claim; without one nothing happens. Raises Missing."""
    check_can(by, Action.READ, _desk_of(claim_id), model=Claim)
    VerdictDraft.objects.filter(claim_id=claim_id, user=by).delete()


def give_verdict(
    claim_id: int,
    *,
    draft: Draft,
    base_number: int,
    by: User,
    lease_token: int | None = None,
    submit: bool = False,
    sources: frozenset[str] | None = None,
) -> Verdict:
    """Put a new verdict in force, and with `submit` also send it to a second person.

    `base_number` is the number of the verdict the person saw, 0 for none; `sources` are the sources they saw,
    each as its number and version, such as "7.1", None where unknown. Deletes their draft. Raises Missing,
    NotAllowed, LeaseLost, ClaimLocked, StaleVerdict, VerdictRefused, and with `submit` also
    VerdictIncomplete, PlaceUndecided or StaleSubmission. Then nothing has changed, but what was typed is kept
    as the person's draft. It replaces an earlier draft after LeaseLost, ClaimLocked, StaleVerdict,
    PlaceUndecided and StaleSubmission; after the others it does not, because an incomplete text may be less
    than that draft.
    """
    try:
        return _put_in_force(claim_id, draft, base_number, by, lease_token, submit=submit, sources=sources)
    except (LeaseLost, StaleEdit, WrongState):
        _keep_refused(claim_id, draft, base_number, by)
        raise
    except Invalid:
        _keep_refused(claim_id, draft, base_number, by, only_first=True)
        raise


@transaction.atomic(durable=True)
def _keep_refused(
    claim_id: int, draft: Draft, base_number: int, by: User, *, only_first: bool = False
) -> None:
    has_words = draft.reasoning.strip() or draft.reason_for_change.strip()
    if not has_words or (only_first and VerdictDraft.objects.filter(claim_id=claim_id, user=by).exists()):
        return
    # A draft can be refused too, such as for its length; the person is told why the verdict was.
    with suppress(Refused):
        _keep_draft(claim_id, draft, base_number, by)


@transaction.atomic(durable=True)
def _put_in_force(
    claim_id: int,
    draft: Draft,
    base_number: int,
    by: User,
    lease_token: int | None,
    *,
    submit: bool,
    sources: frozenset[str] | None,
) -> Verdict:
    claim = lock_claim(claim_id, by=by, action=Action.GIVE_VERDICT, lease_token=lease_token)
    check_workable(claim)
    previous = None
    if claim.verdict_id is not None:
        previous = Verdict.objects.select_related("rating", "created_by").get(pk=claim.verdict_id)
    if (previous.number if previous else 0) != base_number:
        raise _stale(previous)
    if submit:
        _check_seen(claim, None, sources)
    rating = _checked(claim, draft, previous)
    assert draft.as_of is not None
    verdict = Verdict.objects.create(
        claim=claim,
        number=base_number + 1,
        rating=rating,
        reasoning=draft.reasoning.strip(),
        as_of=draft.as_of,
        reason_for_change=draft.reason_for_change.strip(),
        created_by=by,
    )
    claim.verdict, claim.rating = verdict, rating
    claim.version += 1
    claim.updated_at = Now()
    lines = [
        claim_activity(
            Verb.GAVE_VERDICT,
            claim,
            by,
            details={"number": verdict.number, "rating": rating.label, "verdict": verdict.pk},
        )
    ]
    changed = ["verdict", "rating", "version", "updated_at"]
    if submit:
        lines.append(_send_to_review(claim, by))
        changed += SUBMISSION_FIELDS
    claim.save(update_fields=changed)
    VerdictDraft.objects.filter(claim=claim, user=by).delete()
    record_all(lines, entries=[verdict, *(_record_in_force(claim) if submit else ())])
    return verdict


@transaction.atomic(durable=True)
def submit_for_review(
    claim_id: int,
    *,
    by: User,
    lease_token: int | None = None,
    verdict_number: int | None = None,
    sources: frozenset[str] | None = None,
) -> None:
    """Send the verdict in force to a second person and end the lease on the claim.

    From then on statement, verdict and sources are locked. `verdict_number` and `sources` are what the person
    saw, as in `give_verdict`. Raises Missing, NotAllowed, LeaseLost, StaleSubmission,
    MoveRefused, PlaceUndecided or VerdictIncomplete; then nothing has changed.
    """
    claim = lock_claim(claim_id, by=by, action=Action.GIVE_VERDICT, lease_token=lease_token)
    _check_seen(claim, verdict_number, sources)
    line = _send_to_review(claim, by)
    claim.version += 1
    claim.updated_at = Now()
    claim.save(update_fields=[*SUBMISSION_FIELDS, "version", "updated_at"])
    record_all([line], entries=_record_in_force(claim))


SUBMISSION_FIELDS = [
    "state",
    "submitted_by",
    "submitted_at",
    "assignee",
    "lease_holder",
    "lease_until",
    "parked_until",
    "parked_reason",
]


def _send_to_review(claim: Claim, by: User) -> Activity:
    source = ClaimState(claim.state)
    target = target_of(Move.SUBMIT, source)
    check_ready_for_review(
        has_verdict=claim.verdict_id is not None,
        needs_evidence=claim.rating is not None and claim.rating.needs_evidence,
        evidence_count=Evidence.objects.filter(claim=claim, withdrawn_at__isnull=True).count(),
    )
    hold_article(claim)
    _check_placed(claim)
    claim.state = target
    claim.submitted_by, claim.submitted_at = by, Now()
    claim.assignee = claim.lease_holder = claim.lease_until = None
    claim.parked_until, claim.parked_reason = None, ""
    return claim_activity(Verb.SUBMITTED, claim, by, from_state=source, to_state=target)


def _check_seen(claim: Claim, verdict_number: int | None, sources: frozenset[str] | None) -> None:
    in_force = claim.verdict.number if claim.verdict else 0
    if verdict_number not in (None, in_force):
        raise StaleSubmission(
            "Somebody gave another verdict since you opened this page. Read the one in force, then submit."
        )
    if sources is None:
        return
    in_force_now = Evidence.objects.filter(claim=claim, withdrawn_at__isnull=True).values_list(
        "pk", "version"
    )
    if sources != {f"{pk}.{version}" for pk, version in in_force_now}:
        raise StaleSubmission(
            "Somebody changed the sources since you opened this page. Look at them as they are now, then "
            "submit."
        )


def _check_placed(claim: Claim) -> None:
    """Raise PlaceUndecided where nobody has said yet which words of the article a claim means now."""
    undecided = Anchor.objects.filter(
        claim=claim,
        document_version=F("claim__document__current_version"),
        state__in=(AnchorState.EDITED, AnchorState.AMBIGUOUS),
    )
    if undecided.exists():
        raise PlaceUndecided(
            "The article was changed where this claim stands, and nobody has said yet where it stands now. "
            "Say so in the reader first; then submit it."
        )


def _record_in_force(claim: Claim) -> list[SignedRecord]:
    """Return the record that the database has just made of a submission."""
    record = SignedRecord.objects.in_force(claim.pk)
    assert record is not None
    return [record]


def _desk_of(claim_id: int) -> int:
    desk_id = Claim.objects.filter(pk=claim_id).values_list("desk_id", flat=True).first()
    if desk_id is None:
        raise not_here(Claim)
    return desk_id


def _on_scale(claim: Claim, rating_id: int) -> QuerySet[Rating]:
    return Rating.objects.filter(pk=rating_id, scale__desk_id=claim.desk_id, scale__is_current=True)


def _rating_of(claim: Claim, rating_id: int) -> Rating:
    rating = _on_scale(claim, rating_id).first()
    if rating is None:
        raise VerdictRefused(
            "This rating is not on the desk's scale.", fields={"rating": "Choose one of the desk's ratings."}
        )
    return rating


def _checked(claim: Claim, draft: Draft, previous: Verdict | None) -> Rating:
    fields = {}
    if not draft.rating_id:
        fields["rating"] = "Choose a rating."
    if not draft.reasoning.strip():
        fields["reasoning"] = "Say how the sources lead to this rating."
    elif len(draft.reasoning) > MAX_REASONING:
        fields["reasoning"] = f"At most {MAX_REASONING:,} characters; this has {len(draft.reasoning):,}."
    if draft.as_of is None:
        fields["as_of"] = "Give the date for which the verdict holds."
    elif draft.as_of > timezone.localdate() + timedelta(days=1):
        # A day more, for a desk in another time zone.
        fields["as_of"] = "This day has not come yet."
    if previous and not draft.reason_for_change.strip():
        fields["reason_for_change"] = "A verdict is in force already: say why this one replaces it."
    if fields or not draft.rating_id:
        raise VerdictRefused("The verdict is not complete: " + " ".join(fields.values()), fields=fields)
    return _rating_of(claim, draft.rating_id)


def _stale(current: Verdict | None) -> StaleVerdict:
    if current is None:
        return StaleVerdict("The verdict you started from is no longer in force. Your text is kept below.")
    return StaleVerdict(
        f"{current.created_by.display_name} gave the verdict “{current.rating.label}” while you were "
        "writing. Your text is kept below, beside theirs: change yours if needed, say why it replaces "
        "theirs, and save again.",
        current={
            "number": current.number,
            "rating": current.rating.label,
            "reasoning": current.reasoning,
            "as_of": current.as_of.isoformat(),
            "by": current.created_by.display_name,
        },
    )
