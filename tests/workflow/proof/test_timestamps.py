"""Time stamps from authorities made with `openssl ts`: gathered, asked for, held, and asked for again."""

import io
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now

from annotations.archiving.findings import Folder
from annotations.archiving.kept_checks import KeptCheck
from annotations.archiving.wacz_checks import check_wacz
from annotations.domain.errors import LeaseLost
from annotations.models import Manifest, Stamp, StampBatch
from annotations.workflow.evidence.attach import attach_file
from annotations.workflow.proof import timestamps
from annotations.workflow.proof.download import wacz_of
from annotations.workflow.proof.manifest_files import keep_manifests
from annotations.workflow.proof.timestamps import ask, back_off, gather
from annotations.workflow.proof.verify import verify
from factcheck.kept_settings import Authority
from tests.factories import Team, make_claim
from tests.fakes.timestamps import StampServer
from tests.without_rules import change_row

WORDS = ("Caracas", "onrustige", "ziekenhuis", "President", "bevrijd")


@pytest.fixture
def one(tmp_path: Path) -> Iterator[StampServer]:
    with StampServer(tmp_path / "authorities", "one") as server:
        yield server


@pytest.fixture
def two(tmp_path: Path) -> Iterator[StampServer]:
    with StampServer(tmp_path / "authorities", "two") as server:
        yield server


@pytest.fixture(autouse=True)
def _settings(settings: Any, tmp_path: Path, one: StampServer, open_loopback: None) -> None:
    settings.DATA_DIR = tmp_path
    settings.TIMESTAMP_AUTHORITIES = (Authority(one.url, one.roots),)
    settings.TIMESTAMP_EVERY = timedelta(0)


def capture(team: Team, number: int = 0) -> None:
    """Keep one more file on the desk, with one more manifest for itself and one for its passage."""
    attach_file(
        claim_id=make_claim(team, words=WORDS[number]).pk,
        filename="a.txt",
        content=f"The bridge cost {number} million euros.".encode(),
        stance="supports",
        passage="The bridge cost",
        by=team.editor,
    )
    keep_manifests(team.desk.pk)


def sweep_and_ask() -> list[Stamp]:
    """What beat and the workers do: sweep, and ask for all that is due."""
    timestamps.sweep()
    for stamp in Stamp.objects.order_by("pk"):
        ask(stamp.pk, worker="w1")
    return list(Stamp.objects.order_by("pk"))


def make_due() -> None:
    Stamp.objects.exclude(state="held").update(next_attempt_at=Now())


def files_hold(settings: Any, *servers: StampServer) -> bool:
    roots = [server.roots.read_bytes() for server in servers]
    found = KeptCheck(Folder(Path(settings.MEDIA_ROOT)), roots=roots).run()
    return (found.problems, found.gaps) == ([], [])


def test_one_stamp_serves_all_manifests_of_a_batch(team: Team, one: StampServer, settings: Any) -> None:
    for number in range(3):
        capture(team, number)
    [stamp] = sweep_and_ask()
    assert (stamp.state, stamp.attempt, stamp.error_code) == ("held", 1, "")
    assert stamp.stamped_at is not None
    assert StampBatch.objects.get().leaf_count == Manifest.objects.count() == 6
    assert [kind for kind, _ in one.questions] == ["application/timestamp-query"]
    assert files_hold(settings, one)
    assert verify().exit_code == 0


def test_several_authorities_stamp_the_same_batch(
    team: Team, one: StampServer, two: StampServer, settings: Any
) -> None:
    settings.TIMESTAMP_AUTHORITIES = (Authority(one.url, one.roots), Authority(two.url, two.roots))
    capture(team)
    assert [stamp.state for stamp in sweep_and_ask()] == ["held", "held"]
    assert files_hold(settings, one, two)


def test_without_an_authority_nothing_is_gathered_and_one_that_comes_later_stamps_all(
    team: Team, one: StampServer, settings: Any
) -> None:
    named = settings.TIMESTAMP_AUTHORITIES
    settings.TIMESTAMP_AUTHORITIES = ()
    capture(team)
    assert sweep_and_ask() == []
    assert not StampBatch.objects.exists()
    settings.TIMESTAMP_AUTHORITIES = named
    assert [stamp.state for stamp in sweep_and_ask()] == ["held"]


def test_an_authority_that_is_named_later_stamps_the_batches_from_before(
    team: Team, one: StampServer, two: StampServer, settings: Any
) -> None:
    capture(team)
    sweep_and_ask()
    settings.TIMESTAMP_AUTHORITIES += (Authority(two.url, two.roots),)
    assert [(stamp.authority, stamp.state) for stamp in sweep_and_ask()] == [
        (one.url, "held"),
        (two.url, "held"),
    ]


@pytest.mark.parametrize(
    ("mood", "code"),
    [("down", "http_503"), ("garbage", "stamp_unreadable"), ("flipped", "stamp_broken")],
)
def test_an_authority_that_fails_is_asked_again_later(
    team: Team, one: StampServer, settings: Any, mood: str, code: str
) -> None:
    one.mood = mood
    capture(team)
    [stamp] = sweep_and_ask()
    assert (stamp.state, stamp.attempt, stamp.error_code, stamp.token) == ("queued", 1, code, None)
    # Not before its time.
    assert not ask(stamp.pk, worker="w1")
    one.mood = "fine"
    make_due()
    [stamp] = sweep_and_ask()
    assert (stamp.state, stamp.attempt, stamp.error_code) == ("held", 2, "")
    assert files_hold(settings, one)


def test_an_answer_to_another_question_is_refused(team: Team, one: StampServer) -> None:
    capture(team, 0)
    sweep_and_ask()
    one.mood = "old"
    capture(team, 1)
    stamps = sweep_and_ask()
    assert [(stamp.state, stamp.error_code) for stamp in stamps] == [
        ("held", ""),
        ("queued", "stamp_other_digest"),
    ]


def test_a_stamp_of_someone_who_is_not_trusted_is_refused(
    team: Team, one: StampServer, two: StampServer, settings: Any
) -> None:
    settings.TIMESTAMP_AUTHORITIES = (Authority(one.url, two.roots),)
    capture(team)
    [stamp] = sweep_and_ask()
    assert (stamp.state, stamp.error_code) == ("queued", "stamp_untrusted")


def test_without_roots_to_check_against_no_stamp_is_held(
    team: Team, one: StampServer, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = ssl.get_default_verify_paths()._replace(cafile=None, openssl_cafile=str(tmp_path / "none.pem"))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nowhere)
    settings.TIMESTAMP_AUTHORITIES = (Authority(one.url, None),)
    capture(team)
    [stamp] = sweep_and_ask()
    assert (stamp.state, stamp.error_code) == ("queued", "stamp_roots")


def test_an_authority_is_checked_against_what_the_machine_trusts(
    team: Team, one: StampServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = ssl.get_default_verify_paths()._replace(cafile=str(one.roots))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: here)
    settings.TIMESTAMP_AUTHORITIES = (Authority(one.url, None),)
    capture(team)
    [stamp] = sweep_and_ask()
    assert stamp.state == "held"


def test_a_stamp_whose_row_tells_another_time_is_found(team: Team) -> None:
    capture(team)
    sweep_and_ask()
    assert verify().exit_code == 0
    change_row("UPDATE annotations_stamp SET stamped_at = stamped_at - interval '1 year'")
    [problem] = verify().problems
    assert problem.name == f"time stamp {Stamp.objects.get().pk}"


def test_an_authority_that_is_no_longer_named_is_not_asked_and_one_that_returns_is(
    team: Team, one: StampServer, settings: Any
) -> None:
    one.mood = "down"
    capture(team)
    sweep_and_ask()
    named = settings.TIMESTAMP_AUTHORITIES
    settings.TIMESTAMP_AUTHORITIES = ()
    make_due()
    [stamp] = sweep_and_ask()
    assert (stamp.state, stamp.error_code, len(one.questions)) == ("failed", "not_configured", 1)
    one.mood, settings.TIMESTAMP_AUTHORITIES = "fine", named
    [stamp] = sweep_and_ask()
    assert stamp.state == "held"


def test_a_worker_that_was_lost_is_followed_by_another_and_writes_nothing_itself(
    team: Team, one: StampServer
) -> None:
    capture(team)
    timestamps.sweep()
    stamp = Stamp.objects.get()
    lost = timestamps.lease_stamp(stamp.pk, worker="w1")
    assert lost is not None
    assert not ask(stamp.pk, worker="w2")
    Stamp.objects.update(lease_until=Now() - timedelta(seconds=1))
    timestamps.sweep()
    assert ask(stamp.pk, worker="w2")
    held = Stamp.objects.values().get()
    with pytest.raises(LeaseLost):
        timestamps._fail(lost, "http_503", "late")
    with pytest.raises(LeaseLost):
        timestamps._hold(lost, timestamps._token(lost), [])
    assert Stamp.objects.values().get() == held


def test_the_next_batch_waits_for_its_time(team: Team, settings: Any) -> None:
    settings.TIMESTAMP_EVERY = timedelta(hours=1)
    capture(team, 0)
    assert gather() is not None
    capture(team, 1)
    assert gather() is None
    settings.TIMESTAMP_EVERY = timedelta(0)
    later = gather()
    assert later is not None
    assert later.leaf_count == 2


def test_a_full_batch_is_followed_at_once(team: Team, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TIMESTAMP_EVERY = timedelta(hours=1)
    monkeypatch.setattr(timestamps, "MOST_LEAVES", 3)
    for number in range(4):
        capture(team, number)
    timestamps.sweep()
    assert list(StampBatch.objects.order_by("pk").values_list("leaf_count", flat=True)) == [3, 3, 2]


def test_what_is_not_kept_as_a_file_yet_is_not_stamped(team: Team) -> None:
    attach_file(
        claim_id=make_claim(team).pk, filename="a.txt", content=b"Words.", stance="supports", by=team.editor
    )
    assert gather() is None


def test_a_download_brings_its_stamps_along(team: Team, one: StampServer) -> None:
    for number in range(3):
        capture(team, number)
    sweep_and_ask()
    stated = Manifest.objects.filter(kind="capture").order_by("pk")[1]
    assert stated.capture_id is not None
    with wacz_of(stated.capture_id, user=team.viewer).file as file:
        wacz = io.BytesIO(file.read())
    found = check_wacz(wacz, roots=[one.roots.read_bytes()])
    assert (found.problems, found.gaps) == ([], [])
    assert any("stamped" in note.sentence for note in found.notes)


def test_waiting_doubles_from_a_minute_to_six_hours() -> None:
    for attempt, longest in ((1, 60), (2, 120), (5, 960), (30, 6 * 3600)):
        waits = [back_off(attempt).total_seconds() for _ in range(20)]
        assert longest / 2 <= min(waits) <= max(waits) <= longest


def test_a_changed_stamp_is_found(team: Team, one: StampServer, settings: Any) -> None:
    capture(team)
    sweep_and_ask()
    [token] = Path(settings.MEDIA_ROOT).rglob("*.tst")
    body = bytearray(token.read_bytes())
    body[len(body) // 2] ^= 4
    token.chmod(0o600)
    token.write_bytes(body)
    assert {problem.name for problem in verify().problems} >= {
        token.relative_to(settings.MEDIA_ROOT).as_posix(),
        f"time stamp {Stamp.objects.get().pk}",
    }
