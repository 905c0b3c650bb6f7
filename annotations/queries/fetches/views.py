"""The state of a reference's fetch, as pages and the API show it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat, Now, NullIf, Trim

from annotations.domain.fetches.outcomes import OUTCOMES, Counts, sentence_of
from annotations.domain.fetches.states import FetchState
from annotations.models import Host, Reference

# The polite gap between two fetches is not worth showing.
_SHORT_REST = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class FetchView:
    """The state of a source's fetch, in words. `problem` is empty while nothing has gone wrong.

    `overlookable` says that the certificate prevents the fetch and may be ignored once. `upload_helps` says
    that a person may be able to see what the site did not show to the workbench. `uploader` names the person
    who uploaded the newest copy. `unverified` says that the newest copy was fetched despite a bad
    certificate. Both are filled only for a reference read with `newest_copy`.
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
    """Return the columns from which `fetch_of` sees that a whole site is at rest.

    `host` is the path to the site's name.
    """
    row = Host.objects.filter(name=OuterRef(host))
    return {
        "host_open_until": Subquery(row.filter(open_until__gt=Now()).values("open_until")),
        "host_free_at": Subquery(row.filter(free_at__gt=Now() + _SHORT_REST).values("free_at")),
    }


def newest_copy(path: str) -> dict[str, Combinable]:
    """Return the columns from which `fetch_of` sees how the newest copy was made.

    `path` is the path to that capture.
    """
    person = f"{path}__uploaded_by__"
    full_name = Trim(Concat(F(f"{person}first_name"), Value(" "), F(f"{person}last_name")))
    return {
        # The same name as `User.display_name`.
        "copy_uploader": Coalesce(NullIf(full_name, Value("")), F(f"{person}username")),
        "copy_unverified": F(f"{path}__tls_unverified"),
    }


def fetch_of(reference: Reference) -> FetchView:
    """Return the state of a reference's fetch from the copy of it on the reference's own row.

    For a reference read with `rest_of_host` it also says until when the whole site is at rest. For a
    reference read with `newest_copy` it also says how the newest copy was made.
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
