"""Captures, and the passages that evidence relies on, are signed and linked, whichever way they came."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from annotations.archiving.findings import Folder
from annotations.archiving.kept_checks import KeptCheck
from annotations.archiving.signing import open_envelope
from annotations.models import Capture, Claim, Evidence, FetchJob, KeptFile, Manifest, ProofChain
from annotations.storing import StorageFull
from annotations.workflow.captures import storage
from annotations.workflow.captures.storage import kept_body
from annotations.workflow.evidence.attach import attach_addresses, attach_file
from annotations.workflow.evidence.edit import edit_evidence
from annotations.workflow.fetches.run import run_fetch
from annotations.workflow.proof import manifest_files
from annotations.workflow.proof.chain import sign_capture, sign_missing, sign_passage
from annotations.workflow.proof.manifest_files import keep_manifests
from tests.factories import Team, make_claim, make_document, make_evidence, make_reference, make_team
from tests.fakes.site import ARTICLE, Site

PAGE = b"<html><body><p>The bridge cost 41 million euros.</p></body></html>"

pytestmark = pytest.mark.usefixtures("open_loopback")


@pytest.fixture(autouse=True)
def _own_key(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def fetched(team: Team, claim: Claim, url: str, passage: str = "") -> Evidence:
    [evidence] = attach_addresses(
        claim_id=claim.pk, addresses=[url], stance="supports", passage=passage, by=team.editor
    )
    run_fetch(FetchJob.objects.get(reference=evidence.reference).pk, worker="w1")
    evidence.refresh_from_db()
    return evidence


def uploaded(team: Team, claim: Claim, passage: str = "", content: bytes = PAGE) -> Evidence:
    return attach_file(
        claim_id=claim.pk, filename="a.html", content=content, stance="supports", passage=passage,
        by=team.editor,
    )  # fmt: skip


def bodies(team: Team) -> list[dict[str, Any]]:
    rows = Manifest.objects.filter(desk=team.desk).order_by("number")
    return [json.loads(body) for body in rows.values_list("body", flat=True)]


def check_of(settings: Any) -> list[str]:
    """What the check of the kept files alone finds wrong."""
    return [str(problem) for problem in KeptCheck(Folder(Path(settings.MEDIA_ROOT))).run().problems]


def test_a_fetched_page_and_its_passage_are_stated_in_the_same_moment(
    team: Team, claim: Claim, site: Site
) -> None:
    evidence = fetched(team, claim, site.url("/redirect?to=/article"), "It cost 41 million euros.")
    capture = Capture.objects.get()
    about_capture, about_passage = bodies(team)
    assert about_capture["kind"] == "capture"
    assert about_capture["payload"]["sha256"] == capture.body_sha256
    assert about_capture["wire"] == {"sha256": capture.wire_sha256, "size": capture.wire_size}
    assert about_capture["text"]["sha256"] == capture.text_sha256
    assert [hop["status"] for hop in about_capture["capture"]["hops"]] == [302, 200]
    [passage] = about_passage["passages"]
    assert (passage["exact"], passage["evidence"]) == ("It cost 41 million euros.", str(evidence.pk))
    first, second = Manifest.objects.order_by("number")
    assert (second.previous_sha256, passage["capture_manifest"]) == (first.sha256, first.sha256)


def test_what_is_kept_proves_itself_from_the_files_alone(
    team: Team, claim: Claim, site: Site, settings: Any
) -> None:
    fetched(team, claim, site.url("/article"), "It cost 41 million euros.")
    other = make_claim(team, words="Leopoldo López", document=claim.document)
    uploaded(team, other, "The bridge cost")
    assert keep_manifests(team.desk.pk) == 4
    findings = KeptCheck(Folder(Path(settings.MEDIA_ROOT))).run()
    assert (findings.problems, findings.gaps) == ([], [])
    counted = set(KeptFile.objects.values_list("key", "size"))
    assert counted == set(storage.kept_files())


def test_a_page_that_is_missing_is_stated_too(team: Team, claim: Claim, site: Site, settings: Any) -> None:
    fetched(team, claim, site.url("/status?code=404"))
    [stated] = bodies(team)
    assert (stated["capture"]["outcome"], stated["capture"]["status"]) == ("http_404", 404)
    keep_manifests(team.desk.pk)
    assert check_of(settings) == []


def test_the_exchange_is_kept_as_it_went_over_the_wire(team: Team, claim: Claim, site: Site) -> None:
    fetched(team, claim, site.url("/article"))
    capture = Capture.objects.get()
    assert len(kept_body(capture.wire_key)) == capture.wire_size
    assert kept_body(capture.body_key) == ARTICLE


def test_a_passage_that_is_moved_is_stated_again_and_one_that_stays_is_not(team: Team, claim: Claim) -> None:
    evidence = uploaded(team, claim, "The bridge")
    assert [body["kind"] for body in bodies(team)] == ["capture", "passage"]
    changed = edit_evidence(
        evidence.pk, version=1, stance="supports", passage="41 million", note="", by=team.editor
    )
    assert bodies(team)[2]["passages"][0]["exact"] == "41 million"
    edit_evidence(
        changed.pk, version=2, stance="supports", passage="41 million", note="New note.", by=team.editor
    )
    assert len(bodies(team)) == 3


def test_a_passage_that_stands_nowhere_is_not_stated(team: Team, claim: Claim) -> None:
    sign_passage(make_evidence(team, claim))
    evidence = uploaded(team, claim, "Words that are not there")
    assert evidence.passage_start is None
    assert [body["kind"] for body in bodies(team)] == ["capture"]


def test_stating_twice_states_once(team: Team, claim: Claim) -> None:
    capture = uploaded(team, claim).capture
    assert capture is not None
    with transaction.atomic():
        sign_capture(capture)
    assert len(bodies(team)) == 1


def test_captures_from_before_are_stated_when_asked(team: Team) -> None:
    for number in range(3):
        kept = storage.keep(b"%d" % number)
        reference = make_reference(team, f"https://example.org/{number}")
        Capture.objects.create(
            reference=reference, outcome_code="ok", body_sha256=kept.sha256, body_key=kept.key, body_size=1
        )
    assert [sign_missing(), sign_missing()] == [3, 0]
    assert [body["chain"]["number"] for body in bodies(team)] == [1, 2, 3]


def test_each_desk_has_a_chain_of_its_own(team: Team, claim: Claim) -> None:
    other = make_team()
    uploaded(team, claim)
    uploaded(other, make_claim(other))
    heads = {chain.desk_id: chain.number for chain in ProofChain.objects.all()}
    assert heads == {team.desk.pk: 1, other.desk.pk: 1}


def test_a_statement_that_fails_takes_the_capture_with_it(
    team: Team, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise DatabaseError("the disk of the database is gone")

    monkeypatch.setattr(Manifest.objects, "bulk_create", broken)
    with pytest.raises(DatabaseError):
        uploaded(team, claim)
    assert not Capture.objects.exists()
    assert not Evidence.objects.exists()
    assert not KeptFile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_who_state_at_once_make_one_unbroken_chain(settings: Any) -> None:
    team = make_team()
    document = make_document(team)
    words = [
        "Caracas",
        "beleefde",
        "onrustige",
        "ziekenhuis",
        "gewonden",
        "President",
        "inlichtingendienst",
        "bevrijd",
    ]
    claims = [make_claim(team, document=document, words=word) for word in words]
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                content = PAGE.replace(b"41", b"%d" % (100 * number + turn + 50))
                uploaded(team, claims[number], "The bridge cost", content)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    rows = list(Manifest.objects.filter(desk=team.desk).order_by("number"))
    assert [row.number for row in rows] == list(range(1, 81))
    assert [row.previous_sha256 for row in rows[1:]] == [row.sha256 for row in rows[:-1]]
    head = ProofChain.objects.get(desk=team.desk)
    assert (head.number, head.sha256) == (80, rows[-1].sha256)
    # Two at once keep the files once, in whatever order they come.
    both = [threading.Thread(target=_keep_and_close, args=(team.desk.pk,)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert ProofChain.objects.get(desk=team.desk).kept_number == 80
    assert check_of(settings) == []


def _keep_and_close(desk_id: int) -> None:
    keep_manifests(desk_id)
    connection.close()


def test_a_storage_without_room_leaves_manifests_for_the_next_sweep(
    team: Team, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploaded(team, claim, "The bridge")

    def full(*_: Any) -> None:
        raise StorageFull(28, "no room")

    with monkeypatch.context() as patched:
        patched.setattr(manifest_files, "keep_named", full)
        assert manifest_files.sweep() == 0
    chain = ProofChain.objects.filter(desk=team.desk)
    assert chain.get().kept_number == 0
    # Two of the capture and its passage, one of what the log of each of the two desks says.
    assert manifest_files.sweep() == 4
    assert chain.get().kept_number == 3
    envelope = kept_body(f"manifests/{team.desk.pk}/2.json")
    assert open_envelope(envelope)[0] == bodies(team)[1]


def test_a_chain_that_went_another_way_is_never_written_over(team: Team, claim: Claim, settings: Any) -> None:
    storage.keep_named(f"manifests/{team.desk.pk}/1.json", b"what an older copy of the database said")
    uploaded(team, claim)
    assert keep_manifests(team.desk.pk) == 0
    assert kept_body(f"manifests/{team.desk.pk}/1.json") == b"what an older copy of the database said"
    assert ProofChain.objects.get().kept_number == 0
