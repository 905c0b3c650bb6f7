"""Freeze verified claims into a report that never changes again."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse

from annotations.domain.activity import Verb
from annotations.domain.desks.roles import Action
from annotations.domain.errors import Invalid, WrongState
from annotations.domain.reports.contents import RatingTally, ReportRow, canonical
from annotations.domain.reports.criteria import Criteria
from annotations.jobs import BUILD_REPORT, wake
from annotations.models import Activity, Desk, Report, ReportState, User
from annotations.permissions import check_can
from annotations.queries.reports import ReportRows, count_up_to, known_documents, known_ratings, selected
from annotations.workflow.activity import record
from annotations.workflow.entries import is_sealed
from annotations.workflow.reports.rows import freeze_rows

# Up to this many claims are frozen while the person waits, in well under a second; more go to a worker.
INLINE_LIMIT = 2_000
MAX_TITLE = 300

_NOT_ASKED = "The workbench has no record that this report was asked for as it stands. Ask for it anew."
_NOTHING = (
    "No verified claim meets these criteria. Widen them, or have claims reviewed first: "
    "only what a second person signed off goes into a report."
)


class ReportRefused(Invalid):
    """The report as asked for cannot be made; `fields` says what is wrong where."""

    code = "report_invalid"


class ReportEmpty(Invalid):
    """No verified claim meets the criteria."""

    code = "report_empty"


class ReportNotReady(WrongState):
    """The report is still being frozen, or could not be."""

    code = "report_not_ready"


@transaction.atomic(durable=True)
def freeze_report(*, desk: Desk, by: User, title: str, criteria: Criteria, wait: bool = False) -> Report:
    """Freeze the verified claims that meet the criteria into a new numbered report.

    Up to `INLINE_LIMIT` claims, or any number with `wait`, are frozen at once and the report is ready. With
    more, the report is queued, and a worker freezes what is verified then. An empty title is made from the
    criteria.
    Raises Missing, NotAllowed, CriteriaUnusable, ReportRefused or ReportEmpty.
    """
    check_can(by, Action.CREATE_REPORT, desk.pk)
    criteria.check()
    words, default_title = _words(desk.pk, criteria)
    title = title.strip() or default_title
    if len(title) > MAX_TITLE:
        sentence = f"At most {MAX_TITLE} characters; this has {len(title)}."
        raise ReportRefused("The title is too long.", fields={"title": sentence})
    number_of_claims = count_up_to(selected(desk.pk, criteria), INLINE_LIMIT + 1)
    if not number_of_claims:
        raise ReportEmpty(_NOTHING)
    report = Report.objects.create(
        desk=desk,
        number=_next_number(desk.pk),
        title=title,
        criteria=criteria.stored(),
        head={"desk": desk.name, "criteria": words},
        state=ReportState.QUEUED,
        created_by=by,
    )
    if wait or number_of_claims <= INLINE_LIMIT:
        _freeze(report, by)
    else:
        _record(Verb.ASKED_FOR_REPORT, report, by, asked=_asked(report))
        wake(BUILD_REPORT, report_id=report.pk)
    return report


@transaction.atomic(durable=True)
def build_report(report_id: int) -> None:
    """Freeze a queued report; called by a worker, and harmless when called twice.

    A report that is ready, failed or being frozen at this moment is left alone. When no claim meets the
    criteria any more, or the row is not what somebody asked for in the workbench, the report becomes failed
    and says so.
    """
    report = (
        Report.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("desk", "created_by")
        .filter(pk=report_id, state=ReportState.QUEUED)
        .first()
    )
    if report is None:
        return
    if _was_asked_for(report):
        _freeze(report, report.created_by)
    else:
        report.state, report.problem = ReportState.FAILED, _NOT_ASKED
        report.save(update_fields=["state", "problem"])
        _record(Verb.COULD_NOT_FREEZE_REPORT, report, None)


def queued_reports(limit: int = 20) -> list[int]:
    """Return the ids of reports that wait for a worker, the longest waiting first; for the sweep."""
    return list(
        Report.objects.filter(state=ReportState.QUEUED).order_by("pk").values_list("pk", flat=True)[:limit]
    )


def check_ready(report: Report) -> None:
    """Raise ReportNotReady unless the report can be read and downloaded."""
    if report.state == ReportState.QUEUED:
        raise ReportNotReady(f"Report {report.number} is still being frozen. Try again in a moment.")
    if report.state == ReportState.FAILED:
        raise ReportNotReady(f"Report {report.number} could not be frozen: {report.problem}")


def _asked(report: Report) -> str:
    """Return a hash of what a person asks for; the line of the log that states it is sealed."""
    wanted = {"title": report.title, "criteria": report.criteria, "head": report.head}
    return hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()


def _was_asked_for(report: Report) -> bool:
    """Return whether the workbench wrote down that its author asked for just this report.

    Whoever has the database's password could queue one in another's name, and the worker would sign it.
    """
    lines = Activity.objects.filter(
        desk_id=report.desk_id,
        verb=Verb.ASKED_FOR_REPORT,
        object_type="report",
        object_id=report.pk,
        actor_id=report.created_by_id,
        details__asked=_asked(report),
    )
    return any(map(is_sealed, lines))


def _freeze(report: Report, by: User) -> None:
    claims = selected(report.desk_id, Criteria.read(report.criteria))
    report.row_count = freeze_rows(report.pk, claims)
    if not report.row_count:
        report.state = ReportState.FAILED
        report.problem = _NOTHING
        report.save(update_fields=["state", "problem"])
        _record(Verb.COULD_NOT_FREEZE_REPORT, report, by)
        return
    digest = hashlib.sha256()
    tally = _tally(_hashed(ReportRows(report.pk), digest))
    report.content_hash = digest.hexdigest()
    url = settings.PUBLIC_URL + reverse("report", args=[report.pk])
    report.head |= {
        "url": url,
        "claim_page": f"{url}?claim=",
        "publisher": report.desk.name,
        "publisher_url": f"{settings.PUBLIC_URL}/",
        "tally": [asdict(line) for line in tally],
    }
    report.state = ReportState.READY
    report.frozen_at = Now()
    report.save(update_fields=["row_count", "content_hash", "head", "state", "frozen_at"])
    report.refresh_from_db(fields=["frozen_at"])
    _record(Verb.FROZE_REPORT, report, by)


def _hashed(rows: Iterable[ReportRow], digest: "hashlib._Hash") -> Iterator[ReportRow]:
    for row in rows:
        digest.update(canonical(row) + b"\n")
        yield row


def _tally(rows: Iterable[ReportRow]) -> list[RatingTally]:
    counts: Counter[tuple[int, int, str, str]] = Counter()
    for row in rows:
        rating = row["rating"]
        counts[(-rating["scale_version"], rating["position"], rating["label"], rating["definition"])] += 1
    return [
        RatingTally(label, definition, count) for (_, _, label, definition), count in sorted(counts.items())
    ]


def _words(desk_id: int, criteria: Criteria) -> tuple[str, str]:
    titles = known_documents(desk_id, criteria.documents)
    labels = known_ratings(desk_id, criteria.ratings)
    missing = {}
    if len(titles) < len(set(criteria.documents)):
        missing["documents"] = "Choose articles of this desk."
    if len(labels) < len(set(criteria.ratings)):
        missing["ratings"] = "Choose ratings of this desk's scale."
    if missing:
        raise ReportRefused("Some of what you chose is not on this desk.", fields=missing)
    chosen = [titles[pk] for pk in dict.fromkeys(criteria.documents)]
    default_title = chosen[0] if len(chosen) == 1 else "Verified claims"
    words = criteria.in_words(chosen, [labels[slug] for slug in dict.fromkeys(criteria.ratings)])
    return words, default_title[:MAX_TITLE]


def _next_number(desk_id: int) -> int:
    # The update locks the desk's row until the transaction ends, so no number is missing or given twice.
    Desk.objects.filter(pk=desk_id).update(last_report_number=F("last_report_number") + 1)
    return Desk.objects.values_list("last_report_number", flat=True).get(pk=desk_id)


def _record(verb: Verb, report: Report, by: User | None, **more: str) -> None:
    record(
        verb,
        entries=[report] if report.state == ReportState.READY else [],
        desk_id=report.desk_id,
        by=by,
        object_type="report",
        object_id=report.pk,
        to_state=report.state,
        details={
            "number": report.number,
            "rows": report.row_count,
            "content_hash": report.content_hash,
            **more,
        },
    )
