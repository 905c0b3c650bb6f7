"""What the pages of a desk show: its people, its scale, its log."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from annotations.domain.activity import words_of
from annotations.models import Activity, Claim, Document, Membership, Rating, RatingScale

PAGE_SIZE = 50


@dataclass(frozen=True)
class LogLine:
    """One line of the log as people read it; `subject` is the statement or title it is about, or empty."""

    id: int
    at: datetime
    who: str
    words: str
    detail: str
    subject: str
    claim_id: int | None
    document_id: int | None
    to_state: str


@dataclass(frozen=True)
class LogPage:
    """Some lines, newest first; `older` is the id to go on before, None at the end."""

    lines: list[LogLine]
    older: int | None


def members_of(desk_id: int) -> list[Membership]:
    """Return the desk's members with their people, by name: one query."""
    return list(
        Membership.objects.filter(desk_id=desk_id)
        .select_related("user")
        .order_by("user__first_name", "user__username", "id")
    )


def current_scale(desk_id: int) -> tuple[RatingScale | None, list[Rating]]:
    """Return the scale verdicts are given on now, with its ratings in their order: two queries."""
    scale = RatingScale.objects.filter(desk_id=desk_id, is_current=True).first()
    return scale, list(Rating.objects.filter(scale=scale).order_by("position")) if scale else []


def desk_log(desk_id: int, *, before: int | None = None, actor_id: int | None = None) -> LogPage:
    """Return one page of the desk's log, newest first: three queries at any size.

    `before` is the `older` of the page above; `actor_id` keeps one person's lines.
    """
    rows = Activity.objects.filter(desk_id=desk_id).select_related("actor").order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    if actor_id is not None:
        rows = rows.filter(actor_id=actor_id)
    found = list(rows[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    return LogPage(_readable(shown), shown[-1].pk if len(found) > PAGE_SIZE else None)


def claim_log(claim_id: int) -> list[LogLine]:
    """Return the newest 200 lines about one claim, newest first: two queries."""
    rows = Activity.objects.filter(claim_id=claim_id).select_related("actor").order_by("-id")[:200]
    return _readable(list(rows))


def _readable(rows: Iterable[Activity]) -> list[LogLine]:
    rows = list(rows)
    statements: dict[int, str] = dict(
        Claim.objects.filter(pk__in={row.claim_id for row in rows if row.claim_id}).values_list("pk", "statement")
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
            words=words_of(row.verb, row.object_type),
            detail=_detail(row.details),
            subject=statements.get(row.claim_id or 0, "") or titles.get(row.document_id or 0, ""),
            claim_id=row.claim_id,
            document_id=row.document_id,
            to_state=row.to_state if row.object_type == "claim" else "",
        )
        for row in rows
    ]


def _detail(details: dict[str, object]) -> str:
    """Say in a few words what the change was; ids and long texts are left to the object's own page."""
    parts = []
    for name in ("person", "reason", "note", "rating", "role", "name", "title", "tags", "priority", "until", "due_at"):
        value = details.get(name)
        if value not in (None, "", []):
            parts.append(str(value)[:200])
    before, after = details.get("from"), details.get("to")
    if isinstance(before, str) and isinstance(after, str):
        parts.append(f"{before} → {after}")
    changed = details.get("changed")
    if isinstance(changed, list | dict):
        parts.append(", ".join(str(name).replace("_", " ") for name in changed))
    return " · ".join(parts)
