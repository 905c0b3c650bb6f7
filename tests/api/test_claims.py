"""Claims over HTTP."""

import pytest

from annotations.models import Activity, Claim
from tests.factories import TEXT, make_claim, make_document, make_evidence

pytestmark = pytest.mark.django_db

WORDS = "minstens vijftig gewonden"


def test_a_claim_is_made_of_a_stretch_of_the_article(team, editor):
    document = make_document(team)
    start = TEXT.index(WORDS)
    response = editor.post(
        "claims/",
        {
            "document": document.pk,
            "start": start,
            "end": start + len(WORDS),
            "exact": WORDS,
            "statement": "At least fifty were injured.",
            "claimant_kind": "organization",
            "tags": ["Caracas"],
        },
    )
    assert response.status_code == 201
    made = response.json()
    assert (made["statement"], made["state"], made["tags"]) == (
        "At least fifty were injured.",
        "open",
        ["caracas"],
    )
    assert made["anchor"]["exact"] == WORDS
    assert response["ETag"].startswith('"1.')
    assert response["Location"] == f"http://testserver/api/v1/claims/{made['id']}/"
    assert editor.get(f"claims/{made['id']}/").json() == made


def test_words_that_do_not_stand_there_are_refused_and_nothing_is_made(team, editor):
    document = make_document(team)
    body = {"document": document.pk, "start": 0, "end": 7, "exact": "Elsewhe"}
    response = editor.post("claims/", body)
    assert response.status_code == 422
    assert response.json()["code"] == "anchor_mismatch"
    assert not Claim.objects.exists()
    assert not Activity.objects.filter(object_type="claim").exists()


def test_a_claim_is_found_by_its_words(team, editor):
    document = make_document(team)
    made = editor.post("claims/by-words/", {"document": document.pk, "words": f"  {WORDS} "}).json()
    assert made["statement"] == WORDS
    assert made["anchor"]["start"] == TEXT.index(WORDS)


def test_words_that_stand_twice_are_answered_with_their_places(team, editor):
    document = make_document(team, "De een zei ja. De ander zei ja.")
    response = editor.post("claims/by-words/", {"document": document.pk, "words": "zei ja"})
    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "words_ambiguous")
    starts = [place["start"] for place in problem["places"]]
    assert starts == [7, 24]
    second = editor.post(
        "claims/by-words/", {"document": document.pk, "words": "zei ja", "place": starts[1]}
    ).json()
    assert second["anchor"]["start"] == 24


def test_a_patch_changes_what_was_sent_and_nothing_else(team, editor):
    claim = make_claim(team)
    response = editor.patch(f"claims/{claim.pk}/", {"claimant_name": "Salud Chacao"}, If_Match='"1"')
    assert response.status_code == 200
    assert response["ETag"].startswith('"2.')
    claim.refresh_from_db()
    assert (claim.claimant_name, claim.statement) == ("Salud Chacao", WORDS)


def test_a_patch_without_a_version_is_refused(team, editor):
    claim = make_claim(team)
    response = editor.patch(f"claims/{claim.pk}/", {"claimant_name": "Salud Chacao"})
    assert (response.status_code, response.json()["code"]) == (428, "version_needed")
    claim.refresh_from_db()
    assert (claim.claimant_name, claim.version) == ("", 1)


def test_a_patch_of_an_older_version_is_answered_with_the_newer_values(team, editor):
    claim = make_claim(team)
    editor.patch(f"claims/{claim.pk}/", {"statement": "Fifty were injured."}, If_Match='"1"')
    response = editor.patch(f"claims/{claim.pk}/", {"statement": "Many were injured."}, If_Match='"1"')
    problem = response.json()
    assert (response.status_code, problem["code"]) == (412, "stale_claim")
    assert problem["current"]["statement"] == "Fifty were injured."
    assert problem["current"]["version"] == 2
    claim.refresh_from_db()
    assert claim.statement == "Fifty were injured."


@pytest.mark.parametrize("etag", ["3", '"x"', "*", 'W/"x"'])
def test_a_version_that_is_no_version_is_refused(team, editor, etag):
    claim = make_claim(team)
    response = editor.patch(f"claims/{claim.pk}/", {"claimant_name": "X"}, If_Match=etag)
    assert response.status_code == 400
    assert "If-Match" in response.json()["fields"]


def test_an_etag_changes_with_all_that_is_shown_and_an_edit_minds_the_wording_only(team, editor):
    claim = make_claim(team)
    one = f"claims/{claim.pk}/"
    first = editor.get(one)["ETag"]
    assert editor.get(one)["ETag"] == first
    make_evidence(team, claim)
    assert editor.get(one)["ETag"] != first
    # What somebody attached meanwhile is no reason to refuse a better wording.
    assert editor.patch(one, {"claimant_name": "X"}, If_Match=first).status_code == 200
    assert editor.patch(one, {"claimant_name": "Y"}, If_Match=first).status_code == 412


def test_a_version_that_a_compressing_proxy_weakened_is_still_that_version(team, editor):
    claim = make_claim(team)
    response = editor.patch(f"claims/{claim.pk}/", {"claimant_name": "X"}, If_Match='W/"1"')
    assert (response.status_code, response["ETag"][:3]) == (200, '"2.')
    stale = editor.patch(f"claims/{claim.pk}/", {"claimant_name": "Y"}, If_Match='W/"1"')
    assert stale.status_code == 412
    claim.refresh_from_db()
    assert claim.claimant_name == "X"


def test_the_list_pages_by_key_and_shows_each_claim_once(team, editor):
    document = make_document(team)
    claims = {make_claim(team, document=document).pk for _ in range(5)}
    seen = []
    address = "claims/?page_size=2"
    while address:
        page = editor.get(address).json()
        assert len(page["results"]) <= 2
        seen += [row["id"] for row in page["results"]]
        address = page["next"]
    assert len(seen) == 5
    assert set(seen) == claims


def test_the_list_is_narrowed_as_on_the_page(team, editor):
    mine = make_claim(team)
    other = make_claim(team)
    Claim.objects.filter(pk=mine.pk).update(assignee=team.editor, tags=["caracas"])
    for query in ({"person": "me"}, {"tag": "caracas"}, {"document": mine.document_id}):
        assert [row["id"] for row in editor.get("claims/", query).json()["results"]] == [mine.pk]
    assert [row["id"] for row in editor.get("claims/", {"person": "nobody"}).json()["results"]] == [other.pk]
    assert editor.get("claims/", {"state": "verified,in_review"}).json()["results"] == []
    assert len(editor.get("claims/", {"text": "gewonden", "desk": team.desk.pk}).json()["results"]) == 2


@pytest.mark.parametrize(
    ("query", "field"),
    [({"stat": "open"}, "stat"), ({"state": "opne"}, "state"), ({"page_size": 201}, "page_size")],
)
def test_a_parameter_that_is_not_there_is_named_and_not_passed_over(team, editor, query, field):
    response = editor.get("claims/", query)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    assert list(response.json()["fields"]) == [field]


@pytest.mark.parametrize("cursor", ["!!!", "xyz", "MV8y8", "w6k"])
def test_a_damaged_cursor_is_refused(team, editor, cursor):
    response = editor.get("claims/", {"cursor": cursor})
    assert (response.status_code, response.json()["code"]) == (422, "bad_cursor")


def test_a_field_that_is_not_there_is_named_and_nothing_is_made(team, editor):
    document = make_document(team)
    response = editor.post("claims/by-words/", {"document": document.pk, "words": WORDS, "colour": "red"})
    assert response.status_code == 400
    assert response.json()["fields"] == {"colour": "There is no such field here."}
    assert not Claim.objects.exists()
