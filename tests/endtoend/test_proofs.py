"""Proofs by a real worker and broker: what is captured is stated, kept as files, and stamped."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from annotations import jobs
from annotations.archiving.findings import Folder
from annotations.archiving.kept_checks import KeptCheck
from annotations.models import Manifest, ProofChain, Stamp
from annotations.workflow.evidence.attach import attach_addresses
from annotations.workflow.proof.verify import verify
from factcheck.celery import app
from factcheck.kept_settings import Authority
from tests.factories import make_claim, make_team
from tests.fakes.site import Site
from tests.fakes.timestamps import StampServer
from tests.waiting import until

pytestmark = [pytest.mark.endtoend, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def authority(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, open_loopback: None
) -> Iterator[StampServer]:
    settings.DATA_DIR = tmp_path
    with StampServer(tmp_path / "authorities", "one") as server:
        settings.TIMESTAMP_AUTHORITIES = (Authority(server.url, server.roots),)
        monkeypatch.setenv("TIMESTAMP_AUTHORITIES", f"{server.url} {server.roots}")
        yield server


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
        until(lambda: ProofChain.objects.filter(number=2, kept_number=2).exists(), told=worker.log.read_text)
    app.send_task(jobs.SWEEP_PROOFS)
    until(lambda: Stamp.objects.filter(state="held").exists(), told=worker.log.read_text)
    # The capture, the passage, and on each of the two desks what was written of its record.
    kinds = sorted(Manifest.objects.values_list("kind", flat=True))
    assert kinds == ["capture", "entries", "entries", "passage"]
    found = KeptCheck(Folder(Path(settings.MEDIA_ROOT)), roots=[authority.roots.read_bytes()]).run()
    assert (found.problems, found.gaps) == ([], [])
    assert verify().exit_code == 0
