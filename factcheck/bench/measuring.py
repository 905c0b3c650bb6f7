"""The measurements themselves. `factcheck.bench` starts them once its services run."""

import gc
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

django.setup()

from annotations.domain.reports.criteria import Criteria  # noqa: E402
from annotations.exports import FORMATS  # noqa: E402
from annotations.models import Claim, Rating, User  # noqa: E402
from annotations.queries.reports import ReportRows, head_of  # noqa: E402
from annotations.workflow.reports import freeze  # noqa: E402
from factcheck.bench import baselines  # noqa: E402
from factcheck.bench.asking import Browser, session_of, web_workers  # noqa: E402
from factcheck.bench.filling import Filled, fill  # noqa: E402

REQUESTS = 200


@dataclass(frozen=True)
class Line:
    """One operation: milliseconds over HTTP, queries, and the same by plain SQL."""

    name: str
    milliseconds: Sequence[float]
    queries: int
    plain: Sequence[float]

    def __str__(self) -> str:
        p50, p95 = _percentiles(self.milliseconds)
        plain50, plain95 = _percentiles(self.plain)
        return f"{self.name:<34}{p50:>9.1f}{p95:>9.1f}{self.queries:>9}{plain50:>12.2f}{plain95:>9.2f}"


def main(sizes: Sequence[int]) -> None:
    """Print a table for each size."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    for size in sizes:
        print(f"\n{size:,} claims", flush=True)
        filled = fill(size, name=f"bench-{size}")
        print(
            f"  load all articles from files, {filled.processes} processes: {filled.many:,.0f} claims/s\n"
            f"  load one article after another: {filled.single:,.0f} claims/s\n"
            f"    of which finding the claims: {filled.finding:,.0f} claims/s\n"
            f"    of which storing them: {filled.storing:,.0f} claims/s\n"
            f"  COPY of the same rows into bare tables: {baselines.copy_in(filled.desk.pk):,.0f} claims/s",
            flush=True,
        )
        _pages(filled)
        _reports(filled)


def _pages(filled: Filled) -> None:
    # The objects used to fill the database are many; searching them for garbage would distort the times.
    gc.freeze()
    editor = filled.editors[0]
    with web_workers() as port:
        browser = Browser(port, editor)
        client = Client(HTTP_HOST="127.0.0.1")
        client.cookies[settings.SESSION_COOKIE_NAME] = session_of(editor)
        article = reverse("document", args=[filled.first_document.pk])
        to_judge = _to_judge(filled)
        # Counting queries gives a verdict twice, and a second one on the same claim would be refused.
        spare = [to_judge[0], to_judge[REQUESTS + 1]]
        held = cycle(filled.editors)
        browsers = {person.pk: Browser(port, person) for person in filled.editors}
        lines = [
            Line(
                "queue page",
                [browser.get(reverse("queue"))[0] for _ in range(REQUESTS)],
                _queries(lambda: client.get(reverse("queue"))),
                baselines.times_of(baselines.queue_rows(filled.desk.pk)),
            ),
            Line(
                "Next",
                [
                    _next(browsers[person.pk], person)
                    for _, person in zip(range(REQUESTS), held, strict=False)
                ],
                _queries(lambda: client.post(reverse("next_item"), {"work": "check"})),
                baselines.times_of(baselines.write_row(to_judge[-1])),
            ),
            Line(
                "open an article of 300 claims",
                [browser.get(article)[0] for _ in range(REQUESTS // 4)],
                _queries(lambda: client.get(article)),
                baselines.times_of(baselines.article_rows(filled.first_document.pk)),
            ),
            Line(
                "save a verdict",
                [_judge(browser, claim, filled) for claim in to_judge[1 : REQUESTS + 1]],
                _queries(lambda: client.post(reverse("give_verdict", args=[spare.pop()]), _verdict(filled))),
                baselines.times_of(baselines.write_row(to_judge[-1])),
            ),
        ]
    heads = f"{'p50 ms':>9}{'p95 ms':>9}{'queries':>9}{'SQL p50 ms':>12}{'p95':>9}"
    print(f"  {'over HTTP, two web workers':<34}{heads}")
    for line in lines:
        print(f"  {line}", flush=True)


def _reports(filled: Filled) -> None:
    began = time.perf_counter()
    report = freeze.freeze_report(
        desk=filled.desk, by=filled.editors[0], title="All", criteria=Criteria(), wait=True
    )
    seconds = time.perf_counter() - began
    report.refresh_from_db()
    print(f"  freeze a report of {report.row_count:,} claims: {report.row_count / seconds:,.0f} claims/s")
    plain = baselines.copy_out(report.pk)
    for name, form in sorted(FORMATS.items()):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began, size = time.perf_counter(), 0
        for piece in form.write(head_of(report), ReportRows(report.pk)):
            size += len(piece)
        seconds = time.perf_counter() - began
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(
            f"  export as {name:<12}{report.row_count / seconds:>9,.0f} claims/s, {size / 1e6:,.0f} MB, "
            f"peak memory +{grown:.0f} MB; COPY of the rows alone: {plain:,.0f} claims/s",
            flush=True,
        )


def _to_judge(filled: Filled) -> list[int]:
    """Return claims that wait for a verdict, far from the head of the queue, where Next does not come."""
    claims = Claim.objects.filter(desk=filled.desk, state="open", verdict=None).order_by("-queue_rank", "-id")
    return list(claims.values_list("pk", flat=True)[: REQUESTS + 2])


def _next(browser: Browser, person: User) -> float:
    milliseconds, _ = browser.post(reverse("next_item"), {"work": "check"})
    # The claim is released in a stretch that is not measured and is not offered again, so that each press
    # finds another item.
    Claim.objects.filter(lease_holder=person).update(
        lease_holder=None, lease_until=None, assignee=None, state="dismissed"
    )
    return milliseconds


def _verdict(filled: Filled) -> dict[str, object]:
    rating = Rating.objects.get(scale__desk=filled.desk, slug="false")
    return {
        "rating": rating.pk,
        "reasoning": "The register of that day shows fewer.",
        "as_of": "2019-05-01",
        "reason_for_change": "",
        "base_number": 0,
    }


def _judge(browser: Browser, claim: int, filled: Filled) -> float:
    return browser.post(reverse("give_verdict", args=[claim]), _verdict(filled))[0]


def _queries(ask: Callable[[], object]) -> int:
    ask()
    with CaptureQueriesContext(connection) as captured:
        ask()
    return len(captured)


def _percentiles(times: Sequence[float]) -> tuple[float, float]:
    return statistics.median(times), statistics.quantiles(times, n=20)[18]


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])
