"""The limits of every fetch, whoever asks for it."""

from typing import Any

import pytest
from django.test import override_settings

from annotations.domain.fetches.states import FetchState
from annotations.extraction import Extracted, ExtractionLimits
from annotations.extraction.process import WALL_SECONDS
from annotations.models import Capture
from annotations.workflow.fetches import run
from annotations.workflow.fetches.run import run_fetch
from tests.factories import Team, make_claim
from tests.fakes.site import Site
from tests.workflow.fetches.steps import attach

pytestmark = pytest.mark.usefixtures("open_loopback")


@override_settings(FETCH_DENIED_HOSTS=("127.0.0.1",))
def test_a_site_that_is_never_fetched_is_not_asked_and_the_source_says_so(team: Team, site: Site) -> None:
    _, job = attach(team, make_claim(team), site.url("/article"))
    run_fetch(job.pk, worker="w1")
    job.refresh_from_db()
    assert (job.state, job.error_code) == (FetchState.FAILED, "policy_denylist")
    assert (site.requests, Capture.objects.count()) == ([], 0)


def test_fetching_and_reading_share_one_time(team: Team, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    def read(*args: Any, limits: ExtractionLimits) -> Extracted:
        given.append(limits.wall_seconds)
        return Extracted(text="")

    monkeypatch.setattr(run, "extract_page", read)
    claim = make_claim(team)
    for seconds in (55.0, 20.0, 1.0):
        monkeypatch.setattr(run, "ATTEMPT_SECONDS", seconds)
        _, job = attach(team, claim, site.url(f"/article?{seconds}"))
        run_fetch(job.pk, worker="w1")
    assert given[0] == WALL_SECONDS
    assert 15.0 < given[1] < 20.0
    assert given[2] == 4.0
