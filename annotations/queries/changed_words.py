"""Signed claims whose words a newer version of the article changed: a list, and one side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Greatest, Least, Substr

from annotations.domain.captures.side_by_side import halves
from annotations.domain.claims.anchoring import AnchorState
from annotations.domain.claims.reanchoring import NEEDS_A_PERSON
from annotations.domain.claims.states import ClaimState
from annotations.domain.desks.roles import Action
from annotations.domain.differences import Change
from annotations.domain.documents.text import words_after, words_before
from annotations.domain.errors import Missing
from annotations.domain.verdicts.records import RecordWords, read_record
from annotations.models import Anchor, Claim, DocumentVersion, KeptWords, SignedRecord, User, changed_words
from annotations.permissions import can
from annotations.queries.paging import COUNT_CAP, CappedCount, Page, newest_first
from annotations.visibility import get_visible
from annotations.words.claims import lost_words

SHOWN = 8
_CONTEXT = 240
# One character more than is shown reveals whether there are more.
_SURROUNDINGS = _CONTEXT + 1


@dataclass(frozen=True)
class ChangedRow:
    """One signed claim in a list. `is_mine`: the person gave, sent in, approved or is assigned it."""

    claim: Claim
    anchor: Anchor
    state: AnchorState
    is_mine: bool

    @property
    def words(self) -> str:
        """Return what happened, without a full stop."""
        return lost_words(self.state)


@dataclass(frozen=True)
class ChangedClaims:
    """The claims on a queue page. `rows` are the first ones and `count` is how many there are."""

    rows: list[ChangedRow]
    count: CappedCount


def changed_claims_for(user: User, desk_id: int) -> ChangedClaims:
    """Return the claims of a desk that this person should look at, their own first; two queries at most.

    Whoever may review is shown all of them, because the authors may not decide; others are shown their own.
    """
    rows = _for(user, desk_id)
    found = [_row(anchor) for anchor in rows.order_by("-mine", "pk")[: SHOWN + 1]]
    count = min(rows.order_by()[:COUNT_CAP].count(), COUNT_CAP) if len(found) > SHOWN else len(found)
    return ChangedClaims(found[:SHOWN], CappedCount(count))


def changed_claims_of_desk(
    user: User, desk_id: int, *, after: str = "", size: int | None = None
) -> Page[ChangedRow]:
    """Return one page of the claims of a desk that wait for a decision, the latest change first; one query.

    The caller has checked that the desk may be read. Raises BadCursor.
    """
    page = newest_first(_of_desk(user, desk_id), after=after, size=size)
    return Page([_row(anchor) for anchor in page.rows], page.after)


@dataclass(frozen=True)
class ChangedPage:
    """One signed claim with the words of its record beside those of the current version.

    `after` is empty when no likely place was found. `kept` is the decision, where one was taken; then nothing
    is left to decide. `why_not_keep` says why a person who may review may not keep this one.
    """

    row: ChangedRow
    signed: SignedRecord
    signed_version: int
    version: int
    lead_before: str
    before: Sequence[Change]
    tail_before: str
    lead_after: str
    after: Sequence[Change]
    tail_after: str
    kept: KeptWords | None
    may_keep: bool
    why_not_keep: str
    may_reopen: bool
    may_withdraw: bool
    next_id: int | None


def changed_page(user: User, claim_id: int) -> ChangedPage:
    """Return a signed claim whose words changed, on one of the person's desks. Eight queries at most.

    Raises Missing where the claim is not signed, or its words are the same in the current version.
    """
    joined = ("document", "rating", "verified_by", "submitted_by")
    claim = get_visible(user, Claim.objects.select_related(*joined), claim_id)
    signed = SignedRecord.objects.in_force(claim_id) if claim.is_signed else None
    here = Anchor.objects.filter(claim=claim, document_version=claim.document.current_version_id)
    anchor = _with_context(_with_mine(here, user)).first()
    if signed is None or anchor is None or anchor.state not in NEEDS_A_PERSON:
        raise Missing("The words of this claim did not change since it was submitted.")
    waits = changed_words().filter(claim=claim).exists()
    kept = (
        None
        if waits
        else KeptWords.objects.filter(record=signed).select_related("kept_by").order_by("-pk").first()
    )
    if not waits and kept is None:
        raise Missing("The words of this claim did not change since it was submitted.")
    record = read_record(signed.body)
    version = record["article"]["version"]
    lead, tail = _around(claim, version, record["words"])
    exact = record["words"]["exact"] if record["words"] else ""
    before, after = halves(exact, anchor.exact)
    own = user.pk in claim.contributor_ids
    may_review = can(user, Action.REVIEW, claim.desk_id)
    following = _for(user, claim.desk_id).exclude(claim=claim)
    stands = anchor.end > 0
    return ChangedPage(
        row=ChangedRow(claim, anchor, AnchorState(anchor.state), anchor.mine),
        signed=signed,
        signed_version=version,
        version=anchor.number,
        lead_before=lead,
        before=before,
        tail_before=tail,
        lead_after=words_before(anchor.lead, len(anchor.lead), _CONTEXT) if stands else "",
        after=after if stands else (),
        tail_after=words_after(anchor.tail, 0, _CONTEXT) if stands else "",
        kept=kept,
        may_keep=waits and may_review and not own,
        why_not_keep=(
            "You worked on this claim, so another reviewer has to say whether it stays as it was."
            if waits and may_review and own
            else ""
        ),
        may_reopen=claim.state == ClaimState.VERIFIED and can(user, Action.REOPEN, claim.desk_id),
        may_withdraw=claim.state == ClaimState.IN_REVIEW and can(user, Action.GIVE_VERDICT, claim.desk_id),
        next_id=following.order_by("-mine", "pk").values_list("claim_id", flat=True).first(),
    )


def _with_mine(rows: QuerySet[Anchor], user: User) -> QuerySet[Any]:
    theirs = (
        Q(claim__verdict__created_by=user)
        | Q(claim__submitted_by=user)
        | Q(claim__verified_by=user)
        | Q(claim__assignee=user)
    )
    return rows.annotate(mine=Case(When(theirs, then=Value(True)), default=Value(False)))


def _of_desk(user: User, desk_id: int) -> QuerySet[Any]:
    return (
        _with_mine(changed_words().filter(claim__desk_id=desk_id), user)
        .select_related("claim__rating", "claim__document", "document_version")
        .defer("document_version__text", "prefix", "suffix")
    )


def _for(user: User, desk_id: int) -> QuerySet[Any]:
    """Keep those that the person should look at: all for whoever may review, else their own."""
    rows = _of_desk(user, desk_id)
    return rows if can(user, Action.REVIEW, desk_id) else rows.filter(Q(("mine", True)))


def _row(anchor: Any) -> ChangedRow:
    return ChangedRow(anchor.claim, anchor, AnchorState(anchor.state), anchor.mine)


def _with_context(rows: QuerySet[Anchor]) -> QuerySet[Any]:
    start, end, text = F("start"), F("end"), "document_version__text"
    lead = Substr(text, Greatest(start - _SURROUNDINGS, 0) + 1, Least(start, _SURROUNDINGS))
    return rows.annotate(
        lead=Coalesce(lead, Value("")),
        tail=Coalesce(Substr(text, end + 1, Value(_SURROUNDINGS)), Value("")),
        number=F("document_version__number"),
    )


def _around(claim: Claim, number: int, words: RecordWords | None) -> tuple[str, str]:
    """Return what stands before and after the words of the record, in the version that it quotes."""
    if words is None:
        return "", ""
    start, end = words["start"], words["end"]
    first = max(start - _SURROUNDINGS, 0)
    found: Any = (
        DocumentVersion.objects.filter(document=claim.document_id, number=number)
        .annotate(lead=Substr("text", first + 1, start - first), tail=Substr("text", end + 1, _SURROUNDINGS))
        .values("lead", "tail")
        .get()
    )
    return words_before(found["lead"], len(found["lead"]), _CONTEXT), words_after(found["tail"], 0, _CONTEXT)
