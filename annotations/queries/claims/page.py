"""The page of one claim: everything needed to check it or sign it off, in a fixed number of queries."""

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Coalesce, Greatest, Least, Now, Substr

from annotations.domain.claims.anchoring import AnchorState
from annotations.domain.claims.reanchoring import NEEDS_A_PERSON
from annotations.domain.claims.states import ClaimState
from annotations.domain.desks.roles import Action, Role, may
from annotations.domain.differences import Change, changes
from annotations.domain.documents.text import words_after, words_before
from annotations.domain.verdicts.records import Record, read_record
from annotations.models import (
    Anchor,
    Claim,
    Membership,
    Rating,
    Review,
    SignedRecord,
    User,
    Verdict,
    VerdictDraft,
    changed_words,
)
from annotations.queries.activity import activity_of_claim
from annotations.queries.desks.pages import LogLine, readable
from annotations.queries.desks.people import MadeAccount, accounts_made_by, without_confirmed_email
from annotations.queries.evidence.attached import EvidenceView, evidence_views
from annotations.queries.paging import Page
from annotations.visibility import get_visible

_CONTEXT = 220
# One row more than is shown reveals whether there are more.
_SURROUNDINGS = _CONTEXT + 1
_LOG_LINES = 25
_VERDICTS = 20


@dataclass(frozen=True)
class Place:
    """The claim's place in the current version of its article, with the words around it."""

    before: str
    exact: str
    after: str
    state: AnchorState
    version_number: int
    before_changed: bool = False

    @property
    def needs_a_look(self) -> bool:
        """Return whether a person has to say where the claim is."""
        return self.state in NEEDS_A_PERSON


@dataclass(frozen=True)
class Judged:
    """One verdict on the claim, how it differs from the one before, and the reviewers' decisions on it."""

    verdict: Verdict
    changes: list[Change]
    reviews: list[Review]


@dataclass(frozen=True)
class ClaimPage:
    """Everything about one claim. `is_held` says whether a hold on it is live by the database's clock."""

    claim: Claim
    is_held: bool
    is_parked: bool
    place: Place | None
    sources: list[EvidenceView]
    history: list[Judged]
    draft: VerdictDraft | None
    ratings: list[Rating]
    signed: SignedRecord | None
    made_accounts: list[MadeAccount]
    without_email: list[User]
    words_changed: bool
    contributors: list[str]
    assignable: list[User]
    log: Page[LogLine]

    @property
    def live_evidence(self) -> list[EvidenceView]:
        """Return the sources that were not withdrawn."""
        return [source for source in self.sources if source.evidence.withdrawn_at is None]

    @property
    def missing_passages(self) -> set[int]:
        """Return the ids of sources whose passage does not stand in the page as it was read."""
        return {source.evidence.pk for source in self.sources if source.passage.found is False}

    @property
    def record(self) -> Record | None:
        """Return what the record in force says, while the claim is in review or verified."""
        return read_record(self.signed.body) if self.signed else None

    @property
    def judged(self) -> Judged | None:
        """Return the verdict in force."""
        return self.history[0] if self.history else None

    @property
    def returned_with(self) -> Review | None:
        """Return the review that sent the claim back, while it is returned."""
        if self.claim.state != ClaimState.RETURNED:
            return None
        found = [
            review for judged in self.history for review in judged.reviews if review.decision == "returned"
        ]
        return max(found, key=lambda review: review.pk, default=None)


def claim_page(user: User, claim_id: int, *, log_after: str = "") -> ClaimPage:
    """Return a claim on one of the person's desks with everything that belongs to it; raises Missing.

    Eleven queries; while it is in review or verified thirteen, one more where a signer made the account of
    another, and one more where its words changed. `log_after` is the cursor of an older page of its log.
    """
    joined = (
        *("desk", "document", "verdict", "rating", "assignee", "lease_holder"),
        *("created_by", "submitted_by", "verified_by"),
    )
    rows = Claim.objects.select_related(*joined).annotate(
        held=Coalesce(ExpressionWrapper(Q(lease_until__gt=Now()), BooleanField()), Value(False)),
        parked=Coalesce(ExpressionWrapper(Q(parked_until__gt=Now()), BooleanField()), Value(False)),
    )
    row: Any = get_visible(user, rows, claim_id)
    members = list(
        Membership.objects.filter(desk_id=row.desk_id)
        .select_related("user")
        .order_by("user__first_name", "user_id")
    )
    history = _history(row)
    signed = SignedRecord.objects.in_force(row.pk) if row.is_signed else None
    signers = {*signed.hand_ids, row.verified_by_id or user.pk} if signed else set()
    sources = evidence_views(row.pk, withdrawn=True)
    place = _place(row)
    lines = activity_of_claim(user, row.pk, after=log_after, size=_LOG_LINES)
    return ClaimPage(
        claim=row,
        is_held=row.held,
        is_parked=row.parked,
        place=place,
        sources=sources,
        history=history,
        draft=VerdictDraft.objects.select_related("base").filter(claim=row, user=user).first(),
        ratings=list(
            Rating.objects.filter(scale__desk_id=row.desk_id, scale__is_current=True).order_by("position")
        ),
        signed=signed,
        made_accounts=accounts_made_by(signers) if signers else [],
        without_email=without_confirmed_email(signers) if signers else [],
        words_changed=bool(
            signed and place and place.needs_a_look and changed_words().filter(claim=row).exists()
        ),
        contributors=_contributors(row),
        assignable=[member.user for member in members if _may_take(row, member)],
        log=Page(readable(lines.rows), lines.after),
    )


def _place(claim: Claim) -> Place | None:
    start, end = F("start"), F("end")
    text = "document_version__text"
    row: Any = (
        Anchor.objects.filter(claim=claim, document_version=claim.document.current_version_id)
        .annotate(
            before=Substr(text, Greatest(start - _SURROUNDINGS, 0) + 1, Least(start, _SURROUNDINGS)),
            after=Substr(text, end + 1, Value(_SURROUNDINGS)),
            number=F("document_version__number"),
        )
        .first()
    )
    if row is None:
        return None
    state = AnchorState(row.state)
    if state is AnchorState.ORPHANED:
        return Place("", "", "", state, row.number)
    before = words_before(row.before or "", len(row.before or ""), _CONTEXT)
    after = words_after(row.after or "", 0, _CONTEXT)
    return Place(before, row.exact, after, state, row.number, row.before_changed)


def _history(claim: Claim) -> list[Judged]:
    verdicts = list(
        Verdict.objects.filter(claim=claim)
        .select_related("rating", "created_by")
        .order_by("-number")[: _VERDICTS + 1]
    )
    reviews: dict[int, list[Review]] = {}
    if verdicts:
        for review in Review.objects.filter(claim=claim).select_related("reviewer").order_by("pk"):
            reviews.setdefault(review.verdict_id, []).append(review)
    return [
        Judged(
            verdict,
            changes(earlier.reasoning, verdict.reasoning) if earlier else [],
            reviews.get(verdict.pk, []),
        )
        for verdict, earlier in zip(verdicts, [*verdicts[1:], None], strict=False)
    ][:_VERDICTS]


def _contributors(claim: Claim) -> list[str]:
    ids = claim.contributor_ids or claim.statement_author_ids
    return sorted(person.display_name for person in User.objects.filter(pk__in=ids)) if ids else []


def _may_take(claim: Claim, member: Membership) -> bool:
    in_review = claim.state == ClaimState.IN_REVIEW
    action = Action.REVIEW if in_review else Action.GIVE_VERDICT
    own = in_review and member.user_id in claim.contributor_ids
    return member.user.is_active and may(Role(member.role), action) and not own
