"""Metrics for operators, in the text format of Prometheus, at /metrics.

All numbers come from the database at the moment they are asked for, so it does not matter which of
several web processes answers.
"""

import hmac
from collections.abc import Callable, Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from annotations.queries.fetches.totals import ended_last_hour, queue_now
from annotations.queries.heartbeats import silence_of_parts, workers_now
from annotations.queries.operations import operations_now

_SCHEME = "Bearer "


class MetricsMiddleware:
    """Answers /metrics to whoever has METRICS_TOKEN; while that is empty there is no such page.

    Like a probe, a scraper speaks plain http to the address of one process, without a session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a scraper, pass everything else on."""
        if request.path_info != "/metrics" or not settings.METRICS_TOKEN or request.method != "GET":
            return self.get_response(request)
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"{_SCHEME}{settings.METRICS_TOKEN}".encode()):
            refused = HttpResponse(
                "Send the header “Authorization: Bearer” with the METRICS_TOKEN of this deployment.\n",
                status=401,
                content_type="text/plain; charset=utf-8",
            )
            refused["WWW-Authenticate"] = "Bearer"
            return refused
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Facts())
        answer = HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
        answer["Cache-Control"] = "no-store"
        return answer


class _Facts:
    """Reads the database once for each scrape; four queries."""

    def collect(self) -> Iterator[Metric]:
        yield from _fetches()
        yield from _workers()
        yield from _keeping()

    def describe(self) -> list[Metric]:
        """Describe nothing in advance, so that registering costs no query."""
        return []


def _fetches() -> Iterator[Metric]:
    queue = queue_now()
    jobs = GaugeMetricFamily(
        "factcheck_fetches_open", "Fetches not ended, by what they wait for.", labels=["state"]
    )
    jobs.add_metric(["due"], queue.due)
    jobs.add_metric(["later"], queue.later)
    jobs.add_metric(["fetching"], queue.fetching)
    jobs.add_metric(["held_up"], queue.held_up)
    yield jobs
    waited = (timezone.now() - queue.oldest).total_seconds() if queue.oldest else 0
    yield _one(
        "factcheck_fetch_oldest_due_seconds", "For how long the oldest due fetch has waited.", max(0, waited)
    )
    ended = GaugeMetricFamily(
        "factcheck_fetches_ended_last_hour",
        "Fetches ended within the last hour, by outcome.",
        labels=["code"],
    )
    for code, number in ended_last_hour().items():
        ended.add_metric([code], number)
    yield ended


def _workers() -> Iterator[Metric]:
    age = GaugeMetricFamily(
        "factcheck_worker_silence_seconds",
        "Since when a worker has given no sign of life.",
        labels=["worker"],
    )
    now = timezone.now()
    for worker in workers_now():
        age.add_metric([worker.name], max(0, (now - worker.beat_at).total_seconds()))
    yield age
    silence = GaugeMetricFamily(
        "factcheck_part_silence_seconds",
        "Since when the clock, or every worker of a queue, has given no sign of life.",
        labels=["part"],
    )
    for part, seconds in silence_of_parts().items():
        silence.add_metric([part], seconds)
    yield silence


def _keeping() -> Iterator[Metric]:
    found = operations_now()
    yield _one("factcheck_hosts_resting", "Sites left alone because they do not answer.", found.hosts_resting)
    yield _one("factcheck_stamps_waiting", "Time stamps asked for and not held.", found.stamps_waiting)
    yield _one("factcheck_stamps_failed", "Time stamps given up.", found.stamps_failed)
    yield _one(
        "factcheck_witnesses_waiting", "Questions to other archives not settled.", found.witnesses_waiting
    )
    yield _one("factcheck_pages_watched", "Pages that verdicts in force lean on.", found.pages_watched)
    yield _one("factcheck_checks_due", "Watched pages whose next look is due.", found.checks_due)
    yield _one("factcheck_alerts_open", "Changed sources that nobody has answered.", found.alerts_open)
    yield _one("factcheck_manifests_unkept", "Manifests not written as files yet.", found.manifests_unkept)
    yield _one("factcheck_kept_files", "Files kept.", found.kept_files)
    yield _one("factcheck_kept_bytes", "Bytes of all files kept.", found.kept_bytes)
    yield _one(
        "factcheck_quota_bytes", "Bytes that kept files may take; 0 is no limit.", settings.STORAGE_QUOTA
    )


def _one(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)
