"""Where the fetch of a reference stands, as pages and the API show it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat, Now, NullIf, Trim

from annotations.domain.fetches.outcomes import OUTCOMES, Counts, sentence_of
from annotations.domain.fetches.states import FetchState
from annotations.models import Host, Reference, WorkerHeartbeat

# Two beats missed: whoever waits for a fetch wants to know soon. Readiness is more patient.
ALIVE_WITHIN = timedelta(seconds=15)
# The polite gap between two fetches is nothing to tell anyone about.
_SHORT_REST = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class FetchView:
    """Where the fetch of a source stands, in words. `problem` is empty while nothing went wrong.

    `overlookable` says that the certificate is in the way and may be overlooked once, `upload_helps` that
    a person may well see what the workbench was not shown. `uploader` names who uploaded the newest copy
    and `unverified` says that it came in spite of its certificate, both of a reference read with
    `newest_copy`.
    """

    state: FetchState
    problem: str
    next_at: datetime | None
    waiting: bool
    retryable: bool
    cancellable: bool
    overlookable: bool
    upload_helps: bool
    uploader: str = ""
    unverified: bool = False


def rest_of_host(host: str) -> dict[str, Subquery]:
    """What tells `fetch_of` that a whole site is left alone; `host` is the path to the site's name."""
    row = Host.objects.filter(name=OuterRef(host))
    return {
        "host_open_until": Subquery(row.filter(open_until__gt=Now()).values("open_until")),
        "host_free_at": Subquery(row.filter(free_at__gt=Now() + _SHORT_REST).values("free_at")),
    }


def newest_copy(path: str) -> dict[str, Combinable]:
    """What tells `fetch_of` how the newest copy came about; `path` is the path to that capture."""
    person = f"{path}__uploaded_by__"
    full_name = Trim(Concat(F(f"{person}first_name"), Value(" "), F(f"{person}last_name")))
    return {
        # The same name as `User.display_name`.
        "copy_uploader": Coalesce(NullIf(full_name, Value("")), F(f"{person}username")),
        "copy_unverified": F(f"{path}__tls_unverified"),
    }


def fetch_of(reference: Reference) -> FetchView:
    """Where the fetch of a reference stands, from the copy on its own row.

    Of a reference read with `rest_of_host` it also says when its whole site is left alone, of one read
    with `newest_copy` how its newest copy came about.
    """
    state = FetchState(reference.fetch_state)
    waiting = state in (FetchState.QUEUED, FetchState.FETCHING)
    code = reference.fetch_code
    next_at = reference.fetch_next_at if state == FetchState.QUEUED and code else None
    if state == FetchState.QUEUED:
        for rest, why in (("host_free_at", "http_429"), ("host_open_until", "circuit_open")):
            until: datetime | None = getattr(reference, rest, None)
            if until and (reference.fetch_next_at is None or until > reference.fetch_next_at):
                code, next_at = why, until
    return FetchView(
        state=state,
        problem=sentence_of(code) if code else "",
        next_at=next_at,
        waiting=waiting,
        retryable=state != FetchState.FETCHING and not reference.is_file,
        cancellable=waiting,
        overlookable=reference.fetch_code.startswith("tls_") and state != FetchState.FETCHING,
        upload_helps=not reference.is_file and _may_be_seen_by_people(reference.fetch_code, state),
        uploader=getattr(reference, "copy_uploader", None) or "",
        unverified=bool(getattr(reference, "copy_unverified", False)),
    )


def _may_be_seen_by_people(code: str, state: FetchState) -> bool:
    return bool(code) and (state == FetchState.FAILED or OUTCOMES[code].counts is Counts.BLOCKED)


def worker_alive() -> bool:
    """Whether some worker finished a task, or was at one, within the last seconds by the database's clock."""
    return WorkerHeartbeat.objects.filter(beat_at__gt=Now() - ALIVE_WITHIN).exists()
