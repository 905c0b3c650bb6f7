"""Queries for the pages of a desk: its people, its scale, its log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from annotations.domain.errors import Missing
from annotations.models import Activity, Claim, Document, Membership, Rating, RatingScale
from annotations.queries.paging import Page, newest_first
from annotations.words.activity import detail_words, verb_words


@dataclass(frozen=True)
class LogLine:
    """One line of the log as people read it.

    `subject` is the statement or title that the line is about, or empty.
    """

    id: int
    at: datetime
    who: str
    words: str
    detail: str
    subject: str
    claim_id: int | None
    document_id: int | None
    to_state: str


def members_without_second_factor(desk_id: int) -> list[Membership]:
    """Return the members whose sign-in takes no second factor, with their people, by name: one query."""
    rows = Membership.objects.filter(desk_id=desk_id, user__second_factor__isnull=True, user__is_active=True)
    return list(rows.select_related("user").order_by("user__first_name", "user__username"))


def members_of(desk_id: int) -> list[Membership]:
    """Return the desk's members with their people, by name: one query."""
    return list(
        Membership.objects.filter(desk_id=desk_id)
        .select_related("user")
        .order_by("user__first_name", "user__username", "id")
    )


def member_of(desk_id: int, user_id: int) -> Membership:
    """Return one member with person and desk: one query. Raises Missing; the caller checks who reads."""
    found = Membership.objects.filter(desk_id=desk_id, user_id=user_id).select_related("user", "desk").first()
    if found is None:
        raise Missing("This person is not on the desk.")
    return found


def current_scale(desk_id: int) -> tuple[RatingScale | None, list[Rating]]:
    """Return the scale on which verdicts are given now, with its ratings in order: two queries."""
    scale = RatingScale.objects.filter(desk_id=desk_id, is_current=True).first()
    return scale, list(Rating.objects.filter(scale=scale).order_by("position")) if scale else []


def desk_log(desk_id: int, *, after: str = "", actor_id: int | None = None) -> Page[LogLine]:
    """Return one page of the desk's log, newest first: three queries at any size.

    `after` is the cursor of the page above; `actor_id` keeps one person's lines. Raises BadCursor.
    """
    rows = Activity.objects.filter(desk_id=desk_id).select_related("actor")
    if actor_id is not None:
        rows = rows.filter(actor_id=actor_id)
    page = newest_first(rows, after=after)
    return Page(readable(page.rows), page.after)


def readable(rows: Sequence[Activity]) -> list[LogLine]:
    """Return lines of the log in words, each with its subject: two queries for any number of lines."""
    statements: dict[int, str] = dict(
        Claim.objects.filter(pk__in={row.claim_id for row in rows if row.claim_id}).values_list(
            "pk", "statement"
        )
    )
    titles: dict[int, str] = dict(
        Document.objects.filter(
            pk__in={row.document_id for row in rows if row.document_id and not row.claim_id}
        ).values_list("pk", "title")
    )
    return [
        LogLine(
            id=row.pk,
            at=row.at,
            who=row.actor.display_name if row.actor else "The workbench",
            words=verb_words(row.verb),
            detail=detail_words(row.details),
            subject=statements.get(row.claim_id or 0, "") or titles.get(row.document_id or 0, ""),
            claim_id=row.claim_id,
            document_id=row.document_id,
            to_state=row.to_state if row.object_type == "claim" else "",
        )
        for row in rows
    ]
