"""Alerts about sources that changed after a verdict: who has to respond, and the change side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When

from annotations.domain.alerts import ALERT_ORDER, AlertLevel, AlertState
from annotations.domain.captures.changes import DETAIL_NAMES
from annotations.domain.captures.side_by_side import Comparison, halves, side_by_side
from annotations.domain.claims.states import ClaimState
from annotations.domain.desks.roles import Action
from annotations.domain.differences import Change
from annotations.domain.documents.text import words_after, words_before
from annotations.domain.evidence.passages import PassageState
from annotations.domain.fetches.outcomes import outcome
from annotations.domain.verdicts.scale import Decision
from annotations.models import Alert, Capture, PassagePlace, Review, User, Verdict, Watch
from annotations.models.capture import large_columns
from annotations.permissions import can
from annotations.queries.paging import COUNT_CAP, CappedCount, Page, newest_first
from annotations.visibility import get_visible
from annotations.words.alerts import alert_words, page_words

SHOWN = 8
_CONTEXT = 240
_COMPARED = 300_000
_OF_ALERTS = [field.name for field in Alert._meta.concrete_fields]


@dataclass(frozen=True)
class AlertRow:
    """One alert in a list, in words. `is_mine` says that the person's own verdict relies on the source."""

    alert: Alert
    level: AlertLevel
    state: AlertState
    words: str
    is_mine: bool

    @classmethod
    def of(cls, alert: Any) -> Self:
        level = AlertLevel(alert.level)
        words = alert_words(level, alert.findings)
        return cls(alert, level, AlertState(alert.state), words, bool(getattr(alert, "mine", False)))


@dataclass(frozen=True)
class Alerts:
    """The alerts on a queue page.

    `rows` are the first ones and `count` is how many there are. `of_others` says whether other people's
    alerts are included.
    """

    rows: list[AlertRow]
    count: CappedCount
    of_others: bool


def alerts_for(user: User, desk_id: int) -> Alerts:
    """Return the open alerts this person should respond to, most serious first; three queries at most.

    A person responds to alerts about verdicts that they gave or approved, and about claims assigned to them.
    A person who runs the desk sees all alerts, their own first. On most days no source has changed, and one
    small query is enough to find that out.
    """
    of_others = can(user, Action.RUN_DESK, desk_id)
    if not _undecided(desk_id).exists():
        return Alerts([], CappedCount(0), of_others)
    rows = _with_mine(_open(desk_id), user)
    if not of_others:
        rows = _of_theirs(rows)
    found = [AlertRow.of(row) for row in _listed(_ordered(rows))[: SHOWN + 1]]
    count = min(rows.order_by()[:COUNT_CAP].count(), COUNT_CAP) if len(found) > SHOWN else len(found)
    return Alerts(found[:SHOWN], CappedCount(count), of_others)


def alerts_of_desk(
    user: User,
    desk_id: int,
    *,
    mine: bool = False,
    decided: bool = False,
    after: str = "",
    size: int | None = None,
) -> Page[AlertRow]:
    """Return one page of a desk's alerts, newest first, open or decided; one query. Raises BadCursor.

    `mine` keeps the alerts this person should respond to. The caller has checked that the desk may be read.
    """
    rows = Alert.objects.filter(desk_id=desk_id).exclude(state=AlertState.OPEN.value)
    rows = _with_mine(rows if decided else _open(desk_id), user)
    page = newest_first(_listed(_of_theirs(rows) if mine else rows), after=after, size=size)
    return Page([AlertRow.of(row) for row in page.rows], page.after)


@dataclass(frozen=True)
class PassageSides:
    """The passage where the evidence found it and where it is now, each with the words around it.

    The columns mark what differs. `after` is empty when the passage is gone.
    """

    state: PassageState
    lead_before: str
    before: Sequence[Change]
    tail_before: str
    lead_after: str
    after: Sequence[Change]
    tail_after: str


@dataclass(frozen=True)
class DetailSides:
    """A headline, an author or a date before and after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class AlertPage:
    """One alert with everything needed to decide on it.

    `called` names the people whose verdict is affected. `page_words` says how the site answers when the page
    is gone. `why_not_amend` explains why a person who may decide may not reopen the claim.
    """

    row: AlertRow
    before: Capture
    after: Capture | None
    watch: Watch | None
    passage: PassageSides | None
    details: list[DetailSides]
    comparison: Comparison | None
    page_words: str
    called: list[str]
    may_decide: bool
    why_not_amend: str
    next_id: int | None


def alert_page(user: User, alert_id: int) -> AlertPage:
    """Return an alert on one of the person's desks; raises Missing. Eight queries at most."""
    joined = ("claim__rating", "claim__document", "reference", "evidence", "before", "after", "decided_by")
    large = (*large_columns("before", but=["text"]), *large_columns("after", but=["text"]))
    rows = _with_mine(Alert.objects.select_related(*joined), user).defer(*large)
    alert: Alert = get_visible(user, rows, alert_id)
    row = AlertRow.of(alert)
    may_decide = not row.state.is_decided and can(user, Action.GIVE_VERDICT, alert.desk_id)
    reopens = alert.claim.state == ClaimState.VERIFIED and not can(user, Action.REOPEN, alert.desk_id)
    following = _of_theirs(_with_mine(_open(alert.desk_id), user)).exclude(pk=alert.pk)
    after = alert.after
    page_came = after is not None and outcome(after.outcome_code).succeeded
    return AlertPage(
        row=row,
        before=alert.before,
        after=after,
        watch=Watch.objects.filter(pk=alert.reference_id).first(),
        passage=_passage(alert) if page_came else None,
        details=[
            DetailSides(DETAIL_NAMES[name], _readable(was), _readable(now))
            for name, (was, now) in alert.findings.get("details", {}).items()
        ],
        comparison=_comparison(alert.before, after) if after is not None and page_came else None,
        page_words=page_words(alert.findings),
        called=_called(alert),
        may_decide=may_decide,
        why_not_amend=(
            "Only a reviewer or manager can amend it, since a verified claim has to be reopened."
            if may_decide and reopens
            else ""
        ),
        next_id=_ordered(following).values_list("pk", flat=True).first(),
    )


def _undecided(desk_id: int) -> QuerySet[Alert]:
    return Alert.objects.filter(desk_id=desk_id, state=AlertState.OPEN.value)


def _open(desk_id: int) -> QuerySet[Alert]:
    """Keep the alerts that still matter.

    Withdrawn evidence and dismissed claims need no response.
    """
    return (
        _undecided(desk_id)
        .filter(evidence__withdrawn_at__isnull=True, claim__verdict__isnull=False)
        .exclude(claim__state=ClaimState.DISMISSED)
    )


def _with_mine(rows: QuerySet[Alert], user: User) -> QuerySet[Any]:
    approved = Review.objects.filter(
        verdict=OuterRef("claim__verdict"), reviewer=user, decision=Decision.APPROVED.value
    )
    theirs = Q(claim__verdict__created_by=user) | Q(claim__assignee=user) | Exists(approved)
    return rows.annotate(mine=Case(When(theirs, then=Value(True)), default=Value(False)))


def _of_theirs(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(Q(("mine", True)))


def _ordered(rows: QuerySet[Any]) -> QuerySet[Any]:
    seriousness = Case(
        *(When(level=level.value, then=Value(place)) for place, level in enumerate(ALERT_ORDER)),
        output_field=IntegerField(),
    )
    return rows.order_by("-mine", seriousness, "pk")


def _listed(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Load only what a row of a list shows, because three wide tables are joined for a few words each."""
    return rows.select_related("claim__rating", "reference").only(
        *_OF_ALERTS,
        "claim__statement",
        "claim__language",
        "claim__rating__tone",
        "claim__rating__label",
        "reference__title",
        "reference__url",
    )


def _called(alert: Alert) -> list[str]:
    approved = Review.objects.filter(verdict=alert.claim.verdict_id, decision=Decision.APPROVED.value)
    given = Verdict.objects.filter(pk__in=[alert.claim.verdict_id or 0])
    people = User.objects.filter(
        Q(pk__in=[alert.claim.assignee_id or 0])
        | Q(pk__in=approved.values("reviewer"))
        | Q(pk__in=given.values("created_by"))
    )
    return sorted(person.display_name for person in people)


def _passage(alert: Alert) -> PassageSides | None:
    evidence = alert.evidence
    place = (
        PassagePlace.objects.filter(evidence=evidence, capture=alert.after_id)
        .annotate(text=F("capture__text"), kept=F("evidence__capture__text"))
        .first()
    )
    start, end = evidence.passage_start, evidence.passage_end
    if place is None or start is None or end is None:
        return None
    text, kept = str(place.text), str(place.kept)
    before, after = halves(kept[start:end], place.words)
    stands = place.start is not None and place.end is not None
    return PassageSides(
        state=PassageState(place.state),
        lead_before=words_before(kept, start, _CONTEXT),
        before=before,
        tail_before=words_after(kept, end, _CONTEXT),
        lead_after=words_before(text, place.start or 0, _CONTEXT) if stands else "",
        after=after if stands else (),
        tail_after=words_after(text, place.end or 0, _CONTEXT) if stands else "",
    )


def _comparison(before: Capture, after: Capture) -> Comparison | None:
    if not before.text or before.text == after.text:
        return None
    return side_by_side(before.text[:_COMPARED], after.text[:_COMPARED])


def _readable(value: str) -> str:
    """Return a date the way people write it, and any other value unchanged."""
    try:
        return f"{date.fromisoformat(value):%-d %B %Y}"
    except ValueError:
        return value
