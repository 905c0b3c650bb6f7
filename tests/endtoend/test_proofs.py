"""Proofs by a real worker and broker: what is captured is stated, kept as files, and stamped."""

import time
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from annotations import jobs
from annotations.archiving.findings import Folder
from annotations.archiving.kept_checks import KeptCheck
from annotations.models import Manifest, ProofChain, Stamp
from annotations.workflow.referencing import attach_addresses
from annotations.workflow.verifying import verify
from factcheck.celery import app
from factcheck.kept_settings import Authority
from tests.factories import make_claim, make_team
from tests.fakes.site import Site
from tests.fakes.timestamps import StampServer

pytestmark = [pytest.mark.endtoend, pytest.mark.django_db(transaction=True)]
PATIENCE = 60.0


@pytest.fixture
def authority(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[StampServer]:
    settings.DATA_DIR = tmp_path
    settings.FETCH_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    monkeypatch.setenv("FETCH_ALLOWED_NETWORKS", "127.0.0.0/8")
    with StampServer(tmp_path / "authorities", "one") as server:
        settings.TIMESTAMP_AUTHORITIES = (Authority(server.url, server.roots),)
        monkeypatch.setenv("TIMESTAMP_AUTHORITIES", f"{server.url} {server.roots}")
        yield server


def until(is_so: Callable[[], bool], worker: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > end:
            pytest.fail(worker.log.read_text(errors="replace"))
        time.sleep(0.1)


def test_a_fetched_page_is_stated_kept_and_stamped_by_the_worker(
    authority: StampServer, start_worker: Callable[..., Any], settings: Any
) -> None:
    team = make_team()
    worker = start_worker()
    with Site() as site:
        attach_addresses(
            claim_id=make_claim(team).pk, addresses=[site.url("/article")], stance="supports",
            passage="It cost 41 million euros.", by=team.editor,
        )  # fmt: skip
        # The hint on commit is enough: nothing here sweeps.
        until(lambda: ProofChain.objects.filter(number=2, kept_number=2).exists(), worker)
    app.send_task(jobs.SWEEP_PROOFS)
    until(lambda: Stamp.objects.filter(state="held").exists(), worker)
    assert Manifest.objects.count() == 2
    found = KeptCheck(Folder(Path(settings.MEDIA_ROOT)), roots=[authority.roots.read_bytes()]).run()
    assert (found.problems, found.gaps) == ([], [])
    assert verify().exit_code == 0
