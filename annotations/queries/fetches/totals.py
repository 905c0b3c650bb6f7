"""The state of fetching: the queue and its age, the outcomes of the last hour, and sites at rest.

Each function makes one query, however many rows it reports on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, Exists, F, Min, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, Now

from annotations.domain.fetches.states import FetchState
from annotations.models import FetchJob, Host, Reference

LAST_HOUR = timedelta(hours=1)
HOSTS_SHOWN = 100
_WAITING = (FetchState.QUEUED.value, FetchState.FETCHING.value)


@dataclass(frozen=True, slots=True)
class QueueView:
    """The numbers of the queue of fetches. `oldest` is when the longest-waiting fetch became due."""

    due: int
    later: int
    fetching: int
    held_up: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class HostView:
    """A site with waiting fetches, or one that did not answer. Times in the past are empty."""

    name: str
    waiting: int
    failures: int
    last_code: str
    last_at: datetime | None
    fetching: bool
    free_at: datetime | None
    open_until: datetime | None


def queue_now(*, desk_id: int | None = None) -> QueueView:
    """Count the open jobs of a desk, or of all desks: due, planned for later, and in progress.

    `held_up` counts the due jobs that wait because no fetches are made from their site at the moment.
    """
    jobs = FetchJob.objects.filter(state__in=_WAITING)
    if desk_id is not None:
        jobs = jobs.filter(reference__desk_id=desk_id)
    resting = Host.objects.filter(name=OuterRef("host"), open_until__gt=Now())
    patient = Host.objects.filter(name=OuterRef("host"), free_at__gt=Now() + timedelta(seconds=5))
    due = Q(state=FetchState.QUEUED.value, next_attempt_at__lte=Now())
    found = jobs.annotate(rests=Exists(resting), waits=Exists(patient)).aggregate(
        due=Count("pk", filter=due),
        held_up=Count("pk", filter=due & (Q(rests=True) | Q(waits=True))),
        queued=Count("pk", filter=Q(state=FetchState.QUEUED.value)),
        fetching=Count("pk", filter=Q(state=FetchState.FETCHING.value)),
        oldest=Min("next_attempt_at", filter=due),
    )
    return QueueView(
        due=found["due"],
        later=found["queued"] - found["due"],
        fetching=found["fetching"],
        held_up=found["held_up"],
        oldest=found["oldest"],
    )


def references_by_state(desk_id: int) -> dict[FetchState, int]:
    """Count the sources of a desk by the state of their fetch. A state without sources counts zero."""
    rows = Reference.objects.filter(desk_id=desk_id).values_list("fetch_state").annotate(Count("pk"))
    counted = dict(rows.order_by())
    return {state: counted.get(state.value, 0) for state in FetchState}


def ended_last_hour(*, desk_id: int | None = None) -> dict[str, int]:
    """Count the fetches that ended within the last hour by outcome, most frequent first.

    A fetch that succeeded counts as `ok`.
    """
    jobs = FetchJob.objects.filter(finished_at__gt=Now() - LAST_HOUR)
    if desk_id is not None:
        jobs = jobs.filter(reference__desk_id=desk_id)
    rows = jobs.exclude(state=FetchState.CANCELLED.value).values_list("error_code")
    counted = rows.annotate(number=Count("pk")).order_by("-number", "error_code")
    return {code or "ok": number for code, number in counted}


def hosts_now(*, desk_id: int | None = None, limit: int = HOSTS_SHOWN) -> list[HostView]:
    """Return the sites with waiting fetches and the sites at rest, worst first.

    With a desk, only sites of its own sources are listed and only its own fetches are counted.
    """
    jobs = FetchJob.objects.filter(host=OuterRef("name"), state__in=_WAITING)
    if desk_id is not None:
        jobs = jobs.filter(reference__desk_id=desk_id)
    counted = jobs.order_by().values("host").annotate(number=Count("pk")).values("number")
    hosts = Host.objects.annotate(
        waiting=Coalesce(Subquery(counted), 0),
        fetching=Q(busy_until__gt=Now()),
        rests_until=Case(When(open_until__gt=Now(), then=F("open_until"))),
        patient_until=Case(When(free_at__gt=Now(), then=F("free_at"))),
    ).filter(Q(waiting__gt=0) | Q(open_until__gt=Now()))
    if desk_id is not None:
        hosts = hosts.filter(Exists(Reference.objects.filter(desk_id=desk_id, host=OuterRef("name"))))
    return [
        HostView(
            name=row.name,
            waiting=row.waiting,
            failures=row.failures,
            last_code=row.last_code,
            last_at=row.last_at,
            fetching=bool(row.fetching),
            free_at=row.patient_until,
            open_until=row.rests_until,
        )
        for row in hosts.order_by(F("rests_until").desc(nulls_last=True), "-waiting", "name")[:limit]
    ]
