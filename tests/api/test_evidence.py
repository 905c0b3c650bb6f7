"""The passage relied on, chosen through the API, and followed through later captures."""

import pytest

from annotations.models import Capture, Evidence, Manifest, PassagePlace
from tests.api.conftest import Api
from tests.factories import Team, make_capture, make_claim, make_evidence

pytestmark = pytest.mark.django_db

TEXT = "Fifty people were hurt. Later fifty people were freed."


@pytest.fixture
def evidence(team: Team) -> Evidence:
    return make_evidence(team, make_claim(team))


@pytest.fixture
def capture(evidence: Evidence) -> Capture:
    return make_capture(evidence.reference, TEXT)


def test_words_at_a_place_are_relied_on_and_stated(
    team: Team, editor: Api, evidence: Evidence, capture: Capture
) -> None:
    start = TEXT.index("fifty")
    body = {"capture": capture.pk, "words": "fifty people", "start": start, "end": start + 12}
    done = editor.put(f"evidence/{evidence.pk}/passage/", body, If_Match='"1"')

    assert (done.status_code, done.headers["ETag"][:3]) == (200, '"2.')
    shown = done.json()
    assert (shown["passage"], shown["passage_start"], shown["capture"]) == (
        "fifty people",
        start,
        capture.pk,
    )
    assert shown["live_url"].startswith(f"{evidence.reference.url}#:~:text=")
    assert Manifest.objects.get(kind="passage").evidence == evidence


def test_words_that_stand_twice_are_asked_about(editor: Api, evidence: Evidence, capture: Capture) -> None:
    path = f"evidence/{evidence.pk}/passage/"
    asked = editor.put(path, {"capture": capture.pk, "words": "people were"}, If_Match='"1"')

    assert (asked.status_code, asked.json()["code"]) == (422, "passage_ambiguous")
    starts = [place["start"] for place in asked.json()["places"]]
    assert starts == [TEXT.index("people"), TEXT.rindex("people")]
    evidence.refresh_from_db()
    assert (evidence.version, evidence.passage) == (1, "")

    body = {"capture": capture.pk, "words": "people were", "place": starts[1]}
    assert editor.put(path, body, If_Match='"1"').json()["passage_start"] == starts[1]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"words": "Sixty people"}, 422, "passage_not_found"),
        ({"words": "Fifty", "start": 3, "end": 8}, 422, "passage_mismatch"),
        ({"words": "Fifty", "start": 0}, 400, "invalid_request"),
        ({"words": "Fifty people", "capture": 2**62}, 404, "not_found"),
    ],
)
def test_what_does_not_stand_there_is_refused_and_nothing_is_chosen(
    editor: Api, evidence: Evidence, capture: Capture, body: dict[str, object], status: int, code: str
) -> None:
    refused = editor.put(f"evidence/{evidence.pk}/passage/", {"capture": capture.pk, **body}, If_Match='"1"')

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    evidence.refresh_from_db()
    assert (evidence.version, evidence.passage, evidence.passage_start) == (1, "", None)


def test_a_passage_is_chosen_by_who_read_the_newest(
    editor: Api, evidence: Evidence, capture: Capture
) -> None:
    path, body = f"evidence/{evidence.pk}/passage/", {"capture": capture.pk, "words": "Fifty people were"}
    assert editor.put(path, body).status_code == 428
    Evidence.objects.filter(pk=evidence.pk).update(version=2)

    stale = editor.put(path, {**body, "words": "freed"}, If_Match='"1"')

    assert (stale.status_code, stale.json()["current"]["version"]) == (412, 2)
    evidence.refresh_from_db()
    assert evidence.passage == ""


def test_later_places_of_a_passage_are_listed_newest_first(
    viewer: Api, evidence: Evidence, capture: Capture
) -> None:
    moved, gone = make_capture(evidence.reference, TEXT), make_capture(evidence.reference, "Gone.")
    PassagePlace.objects.create(
        evidence=evidence, capture=moved, state="moved", start=0, end=5, words="Fifty"
    )
    PassagePlace.objects.create(evidence=evidence, capture=gone, state="gone")

    rows = viewer.get(f"evidence/{evidence.pk}/places/").json()["results"]

    assert [(row["capture"], row["state"], row["start"], row["words"]) for row in rows] == [
        (gone.pk, "gone", None, ""),
        (moved.pk, "moved", 0, "Fifty"),
    ]
