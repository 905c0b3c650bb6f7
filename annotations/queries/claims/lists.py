"""Lists of claims: filtered, in queue order, paged by key."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Self
from urllib.parse import urlencode

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from annotations.domain.numbers import number_in
from annotations.models import Claim, Evidence, User
from annotations.models.claim import ClaimQuerySet
from annotations.queries.paging import Page, numbers_of, page_size
from annotations.visibility import visible_to

# The columns that a list shows: never the verdict's reasoning, the article or a source's text.
LIST_FIELDS = (
    "id",
    "state",
    "origin",
    "version",
    "statement",
    "claimant_name",
    "language",
    "priority",
    "due_at",
    "queue_rank",
    "score",
    "score_reasons",
    "tags",
    "lease_until",
    "parked_until",
    "parked_reason",
    "created_at",
    "updated_at",
    "contributor_ids",
    "desk_id",
    "document__id",
    "document__title",
    "rating__id",
    "rating__slug",
    "rating__label",
    "rating__tone",
    *(
        f"{person}__{name}"
        for person in ("assignee", "lease_holder")
        for name in ("id", "username", "first_name", "last_name")
    ),
)
NOBODY = "nobody"


@dataclass(frozen=True)
class ClaimFilter:
    """A filter on a list of claims. An empty field keeps all. Values are those of the address."""

    desk: str = ""
    document: str = ""
    state: str = ""
    rating: str = ""
    person: str = ""
    tag: str = ""
    language: str = ""
    text: str = ""
    overdue: str = ""

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Self:
        """Read a filter from query parameters. Unknown ones are ignored.

        The one character that the database cannot hold is removed.
        """
        given = {name: str(parameters.get(name, "")) for name in cls.__dataclass_fields__}
        return cls(**{name: value.replace("\x00", "").strip() for name, value in given.items()})

    def query_string(self) -> str:
        """Return the filter as the query of an address, without empty parts."""
        return urlencode({name: value for name, value in asdict(self).items() if value})

    def without(self, name: str) -> Self:
        """Return the filter without one part."""
        return replace(self, **{name: ""})

    def parts(self) -> list[tuple[str, str]]:
        """Return the parts that narrow the list, by name."""
        return [(name, value) for name, value in asdict(self).items() if value]

    @property
    def is_empty(self) -> bool:
        return not self.parts()

    def apply(self, claims: ClaimQuerySet, user: User) -> ClaimQuerySet:
        """Narrow `claims`. `person=me` means `user`. A part that cannot match leaves nothing."""
        narrowed = claims
        for name, path in (("desk", "desk_id"), ("document", "document_id")):
            value = getattr(self, name)
            if value:
                number = number_in(value)
                narrowed = narrowed.none() if number is None else narrowed.filter(**{path: number})
        if self.state:
            narrowed = narrowed.filter(state__in=self.state.split(","))
        if self.rating:
            narrowed = narrowed.filter(rating__slug=self.rating)
        if self.person:
            narrowed = self._of_person(narrowed, user)
        if self.tag:
            narrowed = narrowed.filter(tags__contains=[self.tag.casefold()])
        if self.language:
            narrowed = narrowed.filter(language=self.language)
        if self.text:
            narrowed = narrowed.matching(self.text)
        if self.overdue:
            narrowed = narrowed.overdue()
        return narrowed

    def _of_person(self, claims: ClaimQuerySet, user: User) -> ClaimQuerySet:
        if self.person == NOBODY:
            return claims.filter(assignee__isnull=True)
        if self.person == "me":
            return claims.filter(assignee=user)
        number = number_in(self.person)
        return claims.none() if number is None else claims.filter(assignee_id=number)


def visible_claims(user: User) -> ClaimQuerySet:
    """Return the claims of the person's desks; `as_rows` narrows them to what a list shows."""
    return visible_to(Claim.objects.all(), user)


def as_rows(claims: ClaimQuerySet) -> ClaimQuerySet:
    """Load only what a list shows, with `evidence_count`, in a fixed number of queries."""
    live = (
        Evidence.objects.filter(claim=OuterRef("pk"), withdrawn_at__isnull=True)
        .order_by()
        .values("claim")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return (
        claims.select_related("document", "rating", "assignee", "lease_holder")
        .only(*LIST_FIELDS)
        .annotate(evidence_count=Coalesce(Subquery(live, output_field=IntegerField()), 0))
    )


def claims_page(user: User, chosen: ClaimFilter, *, after: str = "", size: int | None = None) -> Page[Claim]:
    """Return one page of the claims this person may see, by priority, due date and age.

    One query, whatever the size. Raises BadCursor when `after` is damaged.
    """
    claims = chosen.apply(visible_claims(user), user)
    if after:
        rank, last = numbers_of(after, length=2)
        claims = claims.filter(Q(queue_rank__gt=rank) | Q(queue_rank=rank, pk__gt=last))
    count = page_size(size)
    found = list(as_rows(claims).in_queue_order()[: count + 1])
    last_shown = found[count - 1] if len(found) > count else None
    return Page(found[:count], f"{last_shown.queue_rank}_{last_shown.pk}" if last_shown else "")


def matching_ids(user: User, chosen: ClaimFilter, *, limit: int) -> list[int]:
    """Return the ids of up to `limit` claims this person may see that match; one query."""
    return list(chosen.apply(visible_claims(user), user).order_by("pk").values_list("pk", flat=True)[:limit])
