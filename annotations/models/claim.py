"""A checkable statement: what is claimed, how far the work on it is, and what is in force."""

from enum import StrEnum
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now

from annotations.domain.claims.check_reasons import CheckReason
from annotations.domain.claims.states import (
    SIGNED,
    ClaimState,
)
from annotations.models.claim_guards import CLAIM_GUARDS
from annotations.models.constraints import choices_of, keys_of, one_of
from annotations.models.desk import Desk
from annotations.models.document import Document
from annotations.models.functions import QUEUE_RANK, SEARCH

SEARCH_CONFIG = SEARCH.name
PRIORITIES = range(1, 6)


class ClaimantKind(StrEnum):
    """What kind of claimant it is; empty while unknown."""

    PERSON = "person"
    ORGANIZATION = "organization"
    UNKNOWN = ""

    @property
    def label(self) -> str:
        return self.value.capitalize() or "Unknown"


class Origin(StrEnum):
    """How the claim was made: proposed on loading, or selected by a person."""

    PROPOSED = "proposed"
    SELECTED = "selected"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class QueueRank(Func):
    """Priority, then due date, as one number for sorting and paging; smaller comes first."""

    function = QUEUE_RANK.name
    output_field = models.BigIntegerField()


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Filters of claims; every method chains."""

    def of_desk(self, desk_id: int) -> Self:
        return self.filter(desk_id=desk_id)

    def to_check(self) -> Self:
        """Keep claims that wait for evidence and a verdict."""
        return self.filter(state__in=(ClaimState.OPEN, ClaimState.RETURNED))

    def in_review(self) -> Self:
        return self.filter(state=ClaimState.IN_REVIEW)

    def verified(self) -> Self:
        return self.filter(state=ClaimState.VERIFIED)

    def reviewable_by(self, user_id: int) -> Self:
        """Keep claims that this person may sign off: in review, with nothing of theirs in force."""
        return self.in_review().exclude(contributor_ids__contains=[user_id])

    def held_by(self, user_id: int) -> Self:
        """Keep claims on which this person has a live lease, by the database's clock."""
        return self.filter(lease_holder_id=user_id, lease_until__gt=Now())

    def awake(self) -> Self:
        """Leave out claims that are parked until later."""
        return self.filter(Q(parked_until__isnull=True) | Q(parked_until__lte=Now()))

    def overdue(self) -> Self:
        return self.filter(
            due_at__lt=Now(), state__in=(ClaimState.OPEN, ClaimState.RETURNED, ClaimState.IN_REVIEW)
        )

    def matching(self, words: str) -> Self:
        """Keep claims whose statement or claimant contains the words; accents are ignored."""
        vector = SearchVector("statement", "claimant_name", config=SEARCH_CONFIG)
        query = SearchQuery(words, config=SEARCH_CONFIG, search_type="websearch")
        return self.annotate(_search=vector).filter(_search=query)

    def in_queue_order(self) -> Self:
        return self.order_by("queue_rank", "id")


class Claim(models.Model):
    """The reviewable item. State, lease and assignee are on this row, so one lock decides."""

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="claims", db_index=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="claims")
    state = models.CharField(max_length=12, choices=choices_of(ClaimState))
    origin = models.CharField(max_length=10, choices=choices_of(Origin))
    version = models.PositiveIntegerField(default=1)

    # What is claimed
    statement = models.TextField()
    statement_author_ids = ArrayField(models.BigIntegerField(), default=list)
    language = models.CharField(max_length=12, blank=True)
    claimant_name = models.CharField(max_length=200, blank=True)
    claimant_kind = models.CharField(
        max_length=14, choices=choices_of(ClaimantKind), blank=True, default=ClaimantKind.UNKNOWN.value
    )
    claimant_role = models.CharField(max_length=200, blank=True)
    said_on = models.DateField(null=True, blank=True)
    said_where = models.CharField(max_length=200, blank=True)
    chosen_because = models.TextField(blank=True)

    # How the work is ordered
    priority = models.PositiveSmallIntegerField(default=3)
    due_at = models.DateTimeField(null=True, blank=True)
    queue_rank = models.GeneratedField(
        expression=QueueRank(F("priority"), F("due_at")),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    score = models.FloatField(null=True)
    # The words of the article that show each reason, by its code.
    score_reasons = models.JSONField(default=dict)
    tags = ArrayField(models.CharField(max_length=40), default=list)

    # Whose turn it is. Submitting clears the assignee, a return gives it back to who submitted.
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    lease_holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    lease_token = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    parked_until = models.DateTimeField(null=True)
    parked_reason = models.CharField(max_length=300, blank=True)

    # What is in force
    verdict = models.ForeignKey(
        "Verdict", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    rating = models.ForeignKey(
        "Rating", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    # Whoever wrote what is in force, and whoever submitted it; a trigger fills it.
    contributor_ids = ArrayField(models.BigIntegerField(), default=list)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    submitted_at = models.DateTimeField(null=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    verified_at = models.DateTimeField(null=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = (
            one_of("claim_state_known", "state", ClaimState),
            one_of("claim_origin_known", "origin", Origin),
            one_of("claim_claimant_kind_known", "claimant_kind", ClaimantKind),
            keys_of("claim_score_reasons_known", "score_reasons", CheckReason),
            models.CheckConstraint(name="claim_priority_one_to_five", condition=Q(priority__range=(1, 5))),
            models.CheckConstraint(name="claim_statement_not_empty", condition=~Q(statement="")),
            models.CheckConstraint(
                name="claim_lease_whole",
                condition=Q(lease_holder__isnull=True, lease_until__isnull=True)
                | Q(lease_holder__isnull=False, lease_until__isnull=False),
            ),
            models.CheckConstraint(
                name="claim_parked_with_reason", condition=Q(parked_until__isnull=True) | ~Q(parked_reason="")
            ),
            models.CheckConstraint(
                name="claim_rating_with_verdict",
                condition=Q(verdict__isnull=True, rating__isnull=True)
                | Q(verdict__isnull=False, rating__isnull=False),
            ),
            models.CheckConstraint(
                name="claim_verified_whole",
                condition=Q(state="verified", verified_by__isnull=False, verified_at__isnull=False)
                | (~Q(state="verified") & Q(verified_by__isnull=True, verified_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="claim_submitted_whole",
                condition=~Q(state__in=["in_review", "verified"])
                | Q(verdict__isnull=False, submitted_by__isnull=False, submitted_at__isnull=False),
            ),
        )
        indexes = (
            # Next and the queue page: what waits to be checked, mine first or nobody's.
            models.Index(
                name="claim_check_queue",
                fields=["desk", "assignee", "queue_rank", "id"],
                condition=Q(state__in=["open", "returned"]),
            ),
            # Next and the queue page: what waits for a second person.
            models.Index(
                name="claim_review_queue",
                fields=["desk", "assignee", "queue_rank", "id"],
                condition=Q(state="in_review"),
            ),
            # The claims page, paged by key within a desk, with or without a state.
            models.Index(name="claim_desk_order", fields=["desk", "queue_rank", "id"]),
            models.Index(name="claim_desk_state_order", fields=["desk", "state", "queue_rank", "id"]),
            models.Index(
                name="claim_desk_rating_order",
                fields=["desk", "rating", "queue_rank", "id"],
                condition=Q(rating__isnull=False),
            ),
            # The claims a person has leased; the sweep of lapsed leases.
            models.Index(
                name="claim_held",
                fields=["lease_holder", "lease_until"],
                condition=Q(lease_holder__isnull=False),
            ),
            # What is overdue on the queue page.
            models.Index(
                name="claim_due",
                fields=["desk", "due_at"],
                condition=Q(due_at__isnull=False, state__in=["open", "returned", "in_review"]),
            ),
            # Parked claims on the queue page.
            models.Index(
                name="claim_parked", fields=["desk", "parked_until"], condition=Q(parked_until__isnull=False)
            ),
            # Reports choose verified claims by desk and date.
            models.Index(
                name="claim_verified_order",
                fields=["desk", "verified_at", "id"],
                condition=Q(state="verified"),
            ),
            GinIndex(name="claim_tags", fields=["tags"]),
            GinIndex(SearchVector("statement", "claimant_name", config=SEARCH_CONFIG), name="claim_search"),
        )
        triggers = CLAIM_GUARDS

    def __str__(self) -> str:
        return self.statement

    @property
    def is_signed(self) -> bool:
        """Whether what a reviewer judges of it stands still: it is in review or verified."""
        return self.state in SIGNED

    @property
    def anchor_fragment(self) -> str:
        """The part after `#` that leads to this claim on any page or report."""
        return f"claim-{self.pk}"


class ClaimSkip(models.Model):
    """A person has asked not to be offered a claim for a while; others still are."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="skips", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=300)
    until = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(name="claim_skip_unique", fields=["claim", "user"]),)

    def __str__(self) -> str:
        return f"{self.user_id} skips {self.claim_id}"
