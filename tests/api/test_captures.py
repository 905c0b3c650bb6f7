"""Captures through the API: what was kept, what proves it, and how two of them differ."""

import base64
import hashlib
import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotations.archiving.canonical import canonical
from annotations.archiving.signing import open_envelope
from annotations.domain.proof.kinds import WitnessKind, WitnessState
from annotations.models import Capture, Manifest, Reference, Stamp, StampBatch, StampLeaf, WitnessJob
from annotations.workflow.evidence.upload import upload_capture
from tests.api.conftest import Api
from tests.factories import Team, make_capture, make_reference
from tests.without_rules import as_owner

pytestmark = pytest.mark.django_db

SEEN = b"<html><title>Count</title><p>Fifty people were hurt in the fire.</p></html>"


@pytest.fixture
def reference(team: Team) -> Reference:
    return make_reference(team)


@pytest.fixture
def capture(team: Team, reference: Reference) -> Capture:
    return upload_capture(reference.pk, filename="seen.html", content=SEEN, by=team.editor)


def bytes_of(response: Any) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def test_what_a_person_sees_is_kept_under_their_name_once(
    team: Team, editor: Api, reference: Reference
) -> None:
    def send() -> Any:
        file = SimpleUploadedFile("seen.html", SEEN)
        return editor.send_form(f"references/{reference.pk}/upload/", {"file": file}, Idempotency_Key="a")

    made, again = send(), send()

    assert made.status_code == again.status_code == 201
    assert made.json() == again.json()
    assert made.json()["uploaded_by"]["username"] == team.editor.username
    assert made.json()["body_sha256"] == hashlib.sha256(SEEN).hexdigest()
    assert made.json()["proof"]["number"] == 1
    assert Capture.objects.count() == 1


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02"])
def test_what_is_no_document_is_refused_and_nothing_is_kept(
    editor: Api, reference: Reference, content: bytes
) -> None:
    file = SimpleUploadedFile("seen.bin", content)
    refused = editor.send_form(f"references/{reference.pk}/upload/", {"file": file})

    assert (refused.status_code, refused.json()["code"]) == (422, "source_invalid")
    assert list(refused.json()["fields"]) == ["file"]
    assert not Capture.objects.exists()


def test_nothing_is_uploaded_over_a_source_that_is_a_file(editor: Api, reference: Reference) -> None:
    with as_owner():
        Reference.objects.filter(pk=reference.pk).update(is_file=True)
    file = SimpleUploadedFile("seen.html", SEEN)
    refused = editor.send_form(f"references/{reference.pk}/upload/", {"file": file})

    assert (refused.status_code, refused.json()["code"]) == (409, "file_source")
    assert not Capture.objects.exists()


def test_a_capture_shows_which_machine_answered_with_which_certificate(
    viewer: Api, reference: Reference
) -> None:
    hop = {"url": reference.url, "status": 200, "address": "203.0.113.7", "tls_version": "TLSv1.3"}
    capture = make_capture(reference, hops=[hop | {"certificate_sha256": "ab" * 32, "headers": [["A", "b"]]}])

    assert viewer.get(f"captures/{capture.pk}/").json()["hops"] == [
        {
            "url": reference.url,
            "status": 200,
            "address": "203.0.113.7",
            "tls": "TLSv1.3",
            "certificate": "ab" * 32,
        }
    ]


def test_a_capture_shows_its_hashes_its_way_and_what_others_archived(viewer: Api, capture: Capture) -> None:
    WitnessJob.objects.create(
        capture=capture,
        kind=WitnessKind.MEMENTO_LOOKUP,
        state=WitnessState.DONE,
        finished_at=capture.fetched_at,
        error_code="witness_found",
        found_url="https://archive.example/1",
    )
    shown = viewer.get(f"captures/{capture.pk}/").json()

    assert (shown["body_sha256"], shown["body_size"]) == (hashlib.sha256(SEEN).hexdigest(), len(SEEN))
    assert shown["text_sha256"] == capture.text_sha256
    assert (shown["wire_sha256"], shown["hops"]) == ("", [])
    assert [(one["kind"], one["found_url"]) for one in shown["witnesses"]] == [
        ("memento_lookup", "https://archive.example/1")
    ]
    assert "text" not in shown


def test_the_text_has_the_hash_that_stands_beside_it(viewer: Api, capture: Capture) -> None:
    read = viewer.get(f"captures/{capture.pk}/text/").json()

    assert read["text"] == capture.text
    assert "Fifty people were hurt" in read["text"]
    assert hashlib.sha256(read["text"].encode()).hexdigest() == read["text_sha256"]


def test_what_newer_readers_made_of_a_capture_is_told(viewer: Api, capture: Capture) -> None:
    assert viewer.get(f"captures/{capture.pk}/").json()["readings"] == []
    capture.extractions.create(
        extractor="factcheck-reading/9", title=capture.title, text="Another text.", text_sha256="0" * 64
    )
    [reading] = viewer.get(f"captures/{capture.pk}/").json()["readings"]
    assert reading["reader"] == "factcheck-reading/9"
    assert "Text" in reading["differs"]
    assert "Headline" not in reading["differs"]


def test_captures_are_listed_newest_first_and_page_by_key(
    viewer: Api, reference: Reference, capture: Capture
) -> None:
    newer = make_capture(reference, "Forty people were hurt in the fire.")
    first = viewer.get(f"references/{reference.pk}/captures/", {"page_size": 1}).json()
    second = viewer.get(first["next"]).json()

    assert [row["id"] for row in first["results"]] == [newer.pk]
    assert [row["id"] for row in second["results"]] == [capture.pk]
    assert second["next"] is None


def test_the_proof_can_be_checked_by_whoever_gets_it(team: Team, viewer: Api, capture: Capture) -> None:
    manifest = Manifest.objects.get(capture=capture)
    batch = StampBatch.objects.create(root_sha256=manifest.sha256, leaf_count=1)
    StampLeaf.objects.create(batch=batch, manifest=manifest, position=0)
    Stamp.objects.create(
        batch=batch,
        authority="https://time.example/",
        state="held",
        token=b"token",
        stamped_at=manifest.made_at,
    )
    [link] = viewer.get(f"captures/{capture.pk}/proof/").json()["results"]

    stated, sealed = open_envelope(canonical(link["envelope"]))
    assert stated["payload"]["sha256"] == capture.body_sha256
    assert (link["number"], link["kind"], link["previous"]) == (1, "capture", "")
    assert link["inclusion"] == {
        "root_sha256": manifest.sha256,
        "position": 0,
        "size": 1,
        "siblings": [],
    }
    assert [(one["state"], base64.b64decode(one["token"])) for one in link["stamps"]] == [("held", b"token")]
    [key] = viewer.get(f"desks/{team.desk.pk}/signing-keys/").json()["results"]
    assert (key["public_key"], key["name"], key["count"]) == (sealed.public_key, sealed.key, 1)


def test_what_nobody_signed_has_no_proof_and_no_archive_yet(viewer: Api, reference: Reference) -> None:
    capture = make_capture(reference, "Fifty people were hurt in the fire.")

    assert viewer.get(f"captures/{capture.pk}/").json()["proof"]["number"] is None
    assert viewer.get(f"captures/{capture.pk}/proof/").json()["results"] == []
    refused = viewer.get(f"captures/{capture.pk}/wacz/")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_stated")


@pytest.mark.parametrize(
    ("last", "media", "suffix"),
    [("payload", "application/octet-stream", ".html"), ("wacz", "application/wacz", ".wacz")],
)
def test_files_are_saved_and_never_run(
    viewer: Api, capture: Capture, last: str, media: str, suffix: str
) -> None:
    response = viewer.get(f"captures/{capture.pk}/{last}/")
    content = bytes_of(response)

    assert response["Content-Type"] == media
    assert response["Content-Disposition"].startswith("attachment; filename=")
    assert response["Content-Disposition"].rstrip('"').endswith(suffix)
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert int(response["Content-Length"]) == len(content)


def test_the_bytes_come_as_they_were_kept_and_the_archive_holds_them(viewer: Api, capture: Capture) -> None:
    assert bytes_of(viewer.get(f"captures/{capture.pk}/payload/")) == SEEN

    archive = zipfile.ZipFile(io.BytesIO(bytes_of(viewer.get(f"captures/{capture.pk}/wacz/"))))
    assert "datapackage.json" in archive.namelist()
    assert archive.testzip() is None


def test_bytes_that_the_storage_lost_are_missed_in_words(viewer: Api, reference: Reference) -> None:
    capture = make_capture(reference, "Fifty people were hurt in the fire.")
    refused = viewer.get(f"captures/{capture.pk}/payload/")

    assert (refused.status_code, refused.json()["code"]) == (409, "kept_file_gone")


def test_two_captures_differ_word_by_word_whichever_is_named_first(viewer: Api, reference: Reference) -> None:
    before = make_capture(reference, "All is well.\nFifty people were hurt.")
    after = make_capture(reference, "All is well.\nForty people were hurt.")
    path = f"references/{reference.pk}/differences/"
    found = viewer.get(path, {"one": after.pk, "other": before.pk}).json()

    assert (found["before"], found["after"], found["same_text"]) == (before.pk, after.pk, False)
    assert [row["kind"] for row in found["paragraphs"]] == ["same", "changed"]
    assert {"kind": "removed", "text": "Fifty"} in found["paragraphs"][1]["before"]
    assert {"kind": "added", "text": "Forty"} in found["paragraphs"][1]["after"]
    assert viewer.get(path).json() == found


def test_one_capture_alone_is_compared_with_nothing(viewer: Api, reference: Reference) -> None:
    only = make_capture(reference, "All is well.")
    path = f"references/{reference.pk}/differences/"
    found = viewer.get(path).json()

    assert (found["before"], found["after"], found["paragraphs"]) == (None, None, [])
    refused = viewer.get(path, {"one": only.pk})
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["other"])
    elsewhere = viewer.get(path, {"one": only.pk, "other": only.pk + 1000})
    assert elsewhere.status_code == 404
