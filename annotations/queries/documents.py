"""What the pages of articles show: the list, and one version of one article with its claims."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count

from annotations.domain.claims.reanchoring import NEEDS_A_PERSON
from annotations.domain.claims.states import ClaimState
from annotations.domain.errors import Missing
from annotations.models import (
    Anchor,
    Claim,
    Document,
    DocumentVersion,
    FetchJob,
    LoadingState,
    User,
    changed_words,
)
from annotations.queries.paging import Page, newest_first
from annotations.visibility import check_visible, desks_open_to, get_visible, not_here, visible_to


@dataclass(frozen=True)
class DocumentRow:
    """An article in the list, with the number of its claims in each state."""

    document: Document
    proposed: int
    in_work: int
    in_review: int
    verified: int

    @property
    def total(self) -> int:
        """Return the number of its claims, without the dismissed ones."""
        return self.proposed + self.in_work + self.in_review + self.verified


@dataclass(frozen=True)
class PlacedClaim:
    """A claim at its place in the version being read. `number` counts in the order of the text.

    `is_kept` says that a signed claim stays as it was signed although its words changed.
    """

    claim: Claim
    anchor: Anchor
    number: int
    is_kept: bool = False

    @property
    def has_place(self) -> bool:
        """Return whether the claim has a place in this version."""
        return self.anchor.end > 0

    @property
    def needs_a_look(self) -> bool:
        """Return whether a person has to say where the claim is, or whether it stays as it was signed."""
        return self.anchor.state in NEEDS_A_PERSON and not self.is_kept


class Shown(StrEnum):
    """The choice of claims that the reader lists. The value appears in the address."""

    ALL = ""
    PROPOSED = "proposed"
    TAKEN_UP = "taken_up"
    DISMISSED = "dismissed"
    TO_PLACE = "to_place"

    @property
    def label(self) -> str:
        """Return the name of the choice on the page."""
        return _SHOWN_LABELS[self]

    def keeps(self, placed: PlacedClaim) -> bool:
        """Return whether a claim belongs to this choice."""
        state = placed.claim.state
        if self is Shown.TO_PLACE:
            return placed.needs_a_look and state != ClaimState.DISMISSED
        if self is Shown.PROPOSED:
            return state == ClaimState.PROPOSED
        if self is Shown.DISMISSED:
            return state == ClaimState.DISMISSED
        if self is Shown.TAKEN_UP:
            return state not in (ClaimState.PROPOSED, ClaimState.DISMISSED)
        return state != ClaimState.DISMISSED


_SHOWN_LABELS = {
    Shown.ALL: "All",
    Shown.PROPOSED: "Proposed",
    Shown.TAKEN_UP: "Accepted",
    Shown.DISMISSED: "Dismissed",
    Shown.TO_PLACE: "To place",
}


@dataclass(frozen=True)
class DocumentView:
    """One version of an article, with its claims in the order of the text and unplaced claims last."""

    document: Document
    version: DocumentVersion
    claims: Sequence[PlacedClaim]
    version_numbers: Sequence[int]

    @property
    def is_current(self) -> bool:
        """Return whether this is the article's newest version."""
        return self.version.pk == self.document.current_version_id

    def counts(self) -> dict[Shown, int]:
        """Return how many claims each choice would list."""
        return {shown: sum(map(shown.keeps, self.claims)) for shown in Shown}

    def shown(self, choice: Shown) -> list[PlacedClaim]:
        """Return the claims of a choice: proposals by rank, best first, others in the order of the text."""
        kept = [placed for placed in self.claims if choice.keeps(placed)]
        if choice is Shown.PROPOSED:
            kept.sort(key=lambda placed: (-(placed.claim.score or 0.0), placed.number))
        return kept


def documents_page(
    user: User, *, desk_id: int | None = None, after: str = "", size: int | None = None
) -> Page[Document]:
    """Return one page of the articles the person may see, newest first, without text, in one query.

    `desk_id` keeps those of one desk. Raises BadCursor.
    """
    rows = visible_to(Document.objects.select_related("created_by"), user)
    return newest_first(rows if desk_id is None else rows.filter(desk_id=desk_id), after=after, size=size)


def document_rows(user: User, desk_id: int, *, after: str = "") -> Page[DocumentRow]:
    """Return one page of a desk's articles with the numbers of their claims, newest first.

    Two queries. Raises BadCursor.
    """
    page = documents_page(user, desk_id=desk_id, after=after)
    counts: dict[int, dict[str, int]] = {}
    counted = (
        Claim.objects.filter(document__in=[document.pk for document in page.rows])
        .order_by()
        .values_list("document_id", "state")
        .annotate(number=Count("pk"))
    )
    for document_id, state, number in counted:
        counts.setdefault(document_id, {})[state] = number
    return Page([_row(document, counts.get(document.pk, {})) for document in page.rows], page.after)


def document_for(user: User, document_id: int) -> Document:
    """Return an article the person may see, with its current version: one query. Raises Missing."""
    return get_visible(
        user, Document.objects.select_related("desk", "current_version", "created_by"), document_id
    )


def version_for(document: Document, number: int) -> DocumentVersion:
    """Return the version of an article with this number, with its text: one query at most. Raises Missing."""
    current = document.current_version
    if current is not None and current.number == number:
        return current
    found = document.versions.filter(number=number).first()
    if found is None:
        raise Missing("This article has no such version.")
    return found


def versions_page(
    user: User, document_id: int, *, after: str = "", size: int | None = None
) -> Page[DocumentVersion]:
    """Return the versions of an article, newest first, without their texts, in two queries.

    Raises Missing or BadCursor.
    """
    check_visible(user, Document, document_id)
    rows = DocumentVersion.objects.filter(document_id=document_id).defer("text")
    return newest_first(rows, after=after, size=size)


def document_view(user: User, document: Document, *, number: int | None = None) -> DocumentView:
    """Return a version of a loaded article with its claims.

    Two queries, a third for an older version and one for signed claims whose words changed. Raises Missing
    when no version has this number.
    """
    numbers = list(document.versions.order_by("number").values_list("number", flat=True))
    version = document.current_version if number is None else version_for(document, number)
    if version is None:
        raise Missing("This article has no such version.")
    anchors = (
        Anchor.objects.filter(document_version=version, claim__desk__in=desks_open_to(user))
        .select_related("claim", "claim__rating", "claim__assignee")
        .defer("prefix", "suffix", "claim__chosen_because", "claim__parked_reason")
        .order_by("start", "-end", "claim_id")
    )
    placed = sorted(anchors, key=lambda anchor: anchor.end == 0)
    kept = _kept_as_signed(placed)
    return DocumentView(
        document,
        version,
        [PlacedClaim(anchor.claim, anchor, at, anchor.pk in kept) for at, anchor in enumerate(placed, 1)],
        numbers,
    )


def placed_claim(user: User, document_id: int, claim_id: int) -> PlacedClaim:
    """Return one claim at its place in its article's current version: two queries at most. Raises Missing.

    Its number in the text is not known here, so it is 0.
    """
    anchor = (
        Anchor.objects.filter(
            claim_id=claim_id,
            claim__document_id=document_id,
            claim__desk__in=desks_open_to(user),
            document_version=DocumentVersion.objects.filter(document_id=document_id)
            .order_by("-number")
            .values("pk")[:1],
        )
        .select_related("claim", "claim__rating", "claim__assignee")
        .first()
    )
    if anchor is None:
        raise not_here(Claim)
    return PlacedClaim(anchor.claim, anchor, 0, anchor.pk in _kept_as_signed([anchor]))


def _kept_as_signed(anchors: Sequence[Anchor]) -> set[int]:
    """Return the ids of anchors whose words changed under a signature and were kept as signed."""
    signed = {anchor.pk for anchor in anchors if anchor.state in NEEDS_A_PERSON and anchor.claim.is_signed}
    if not signed:
        return set()
    return signed - set(changed_words().filter(pk__in=signed).values_list("pk", flat=True))


def loading_job(document: Document) -> FetchJob | None:
    """Return the newest fetch that was asked to load the article's text: one query."""
    if document.loading_state == LoadingState.READY:
        return None
    return FetchJob.objects.filter(document=document).order_by("-pk").first()


def _row(document: Document, counts: dict[str, int]) -> DocumentRow:
    return DocumentRow(
        document,
        proposed=counts.get(ClaimState.PROPOSED, 0),
        in_work=counts.get(ClaimState.OPEN, 0) + counts.get(ClaimState.RETURNED, 0),
        in_review=counts.get(ClaimState.IN_REVIEW, 0),
        verified=counts.get(ClaimState.VERIFIED, 0),
    )
