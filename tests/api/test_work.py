"""Queue, sources, verdicts and reviews over HTTP: the road of a claim."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from annotations.models import Claim, ClaimSkip, Evidence, FetchJob, Review, Verdict
from annotations.workflow.claims import leases
from tests.api.conftest import Api
from tests.factories import (
    give_verdict,
    make_claim,
    make_claim_in_review,
    make_document,
    make_evidence,
    make_verified_claim,
    record_of,
)

pytestmark = pytest.mark.django_db

VERDICT = {"base_number": 0, "rating": "false", "reasoning": "The hospital says 69.", "as_of": "2019-05-01"}


def test_a_claim_goes_the_whole_road(team, editor, reviewer):
    claim = make_claim(team)
    one = f"claims/{claim.pk}/"
    handed = editor.post("queue/next/", {"work": "check"}).json()["next"]
    assert handed["claim"] == claim.pk
    lease = {"lease_token": handed["lease_token"]}
    attached = editor.post(
        one + "evidence/",
        {
            "addresses": ["https://example.org/a", "", "https://example.com/b"],
            "stance": "refutes",
            "note": "Count.",
            **lease,
        },
    )
    assert attached.status_code == 400
    addresses = ["https://example.org/a", "https://example.com/b"]
    sources = editor.post(one + "evidence/", {"addresses": addresses, "stance": "refutes", **lease}).json()
    assert [source["url_given"] for source in sources["results"]] == addresses
    assert FetchJob.objects.count() == 2
    draft = editor.put(one + "draft/", {"base_number": 0, "rating": "false", "reasoning": "So far"}).json()
    assert (draft["rating"]["slug"], draft["base_number"]) == ("false", 0)
    given = editor.post(one + "verdicts/", {**VERDICT, "submit": True, **lease}).json()
    assert (given["number"], given["rating"]["label"]) == (1, "False")
    assert editor.get(one + "draft/").status_code == 404
    assert editor.get(one).json()["moves"] == ["withdraw"]
    assert reviewer.get(one).json()["moves"] == ["withdraw", "approve", "return"]
    assert reviewer.post("queue/next/", {"work": "review"}).json()["next"]["claim"] == claim.pk
    record = reviewer.get(one + "record/").json()
    assert hashlib.sha256(record["text"].encode()).hexdigest() == record["sha256"]
    assert json.loads(record["text"])["statement"] == claim.statement
    verified = reviewer.post(one + "approve/", {"record": record["sha256"], "note": "Good."}).json()
    assert (verified["state"], verified["verified_by"]["id"]) == ("verified", team.reviewer.pk)
    assert [review["note"] for review in verified["reviews"]] == ["Good."]
    verbs = [line["verb"] for line in editor.get(one + "activity/").json()["results"]]
    assert verbs == ["approved", "submitted", "gave_verdict", "attached", "attached", "created"]


def test_nobody_signs_off_their_own_work(team):
    claim = make_claim(team, by=team.reviewer)
    make_evidence(team, claim)
    give_verdict(team, claim, submit=True)
    own = Api(team.reviewer)
    assert own.get(f"claims/{claim.pk}/").json()["moves"] == ["withdraw"]
    for path, body in (("approve", {}), ("return", {"note": "No."})):
        response = own.post(f"claims/{claim.pk}/{path}/", {"record": record_of(claim.pk), **body})
        assert (response.status_code, response.json()["code"]) == (403, "own_work")
    assert own.post("queue/next/", {"work": "review"}).json() == {"next": None}
    assert not Review.objects.exists()
    claim.refresh_from_db()
    assert claim.state == "in_review"


def test_the_later_of_two_verdicts_is_told_of_the_earlier(team, editor):
    claim = make_claim(team)
    give_verdict(team, claim, by=team.colleague, rating="true")
    response = editor.post(f"claims/{claim.pk}/verdicts/", VERDICT)
    problem = response.json()
    assert (response.status_code, problem["code"]) == (412, "stale_verdict")
    assert (problem["current"]["number"], problem["current"]["rating"]) == (1, "True")
    assert Verdict.objects.count() == 1


def test_a_verdict_refused_because_somebody_was_faster_is_kept_as_the_draft(team, editor):
    claim = make_claim(team)
    give_verdict(team, claim, by=team.colleague)
    one = f"claims/{claim.pk}/"

    for _ in range(2):
        assert editor.post(one + "verdicts/", VERDICT, Idempotency_Key="only-once").status_code == 412

    draft = editor.get(one + "draft/").json()
    assert (draft["rating"]["slug"], draft["reasoning"], draft["as_of"], draft["base_number"]) == (
        "false",
        "The hospital says 69.",
        "2019-05-01",
        0,
    )
    assert Api(team.colleague).get(one + "draft/").status_code == 404


def test_a_rating_of_no_scale_is_refused(team, editor):
    claim = make_claim(team)
    response = editor.post(f"claims/{claim.pk}/verdicts/", VERDICT | {"rating": "pants_on_fire"})
    assert (response.status_code, list(response.json()["fields"])) == (422, ["rating"])
    assert not Verdict.objects.exists()


def test_an_incomplete_verdict_names_what_is_missing(team, editor):
    claim = make_claim(team)
    response = editor.post(f"claims/{claim.pk}/verdicts/", {"base_number": 0})
    assert (response.status_code, set(response.json()["fields"])) == (422, {"rating", "reasoning", "as_of"})
    assert not Verdict.objects.exists()


def test_a_review_of_an_older_verdict_is_told_of_the_newer(team, reviewer):
    claim = make_claim_in_review(team)
    response = reviewer.post(f"claims/{claim.pk}/approve/", {"record": "0" * 64})
    assert (response.status_code, response.json()["current"]["record"]) == (412, record_of(claim.pk))
    assert not Review.objects.exists()


def test_a_reopened_claim_says_why(team, reviewer):
    claim = make_verified_claim(team)
    refused = reviewer.post(f"claims/{claim.pk}/reopen/", {"reason": " "})
    assert (refused.status_code, refused.json()["code"]) == (422, "note_needed")
    assert reviewer.post(f"claims/{claim.pk}/reopen/", {"reason": "New count."}).json()["state"] == "open"


def test_a_hold_is_renewed_lost_and_let_go(team, editor):
    claim = make_claim(team)
    one = f"claims/{claim.pk}/"
    held = editor.post(one + "hold/").json()
    renewed = editor.post(one + "renew/", {"lease_token": held["lease_token"]}).json()
    assert renewed["lease_token"] == held["lease_token"]
    colleague = Api(team.colleague)
    refused = colleague.post(one + "hold/")
    assert (refused.status_code, refused.json()["code"]) == (409, "held_by_other")
    taken = Api(team.manager).post(one + "take-over/").json()
    assert taken["lease_token"] > held["lease_token"]
    lost = editor.post(one + "verdicts/", VERDICT | {"lease_token": held["lease_token"]})
    assert (lost.status_code, lost.json()["code"]) == (409, "lease_lost")
    assert not Verdict.objects.exists()
    assert editor.get(one + "draft/").json()["reasoning"] == VERDICT["reasoning"]
    assert editor.post(one + "release/", {}).status_code == 204
    claim.refresh_from_db()
    assert claim.lease_holder == team.manager


def test_next_keeps_to_the_desks_asked_for(team, editor):
    make_claim(team)
    assert editor.post("queue/next/", {"work": "check", "desks": [team.desk.pk]}).json()["next"]
    assert editor.post("queue/next/", {"work": "check", "desks": [10**9]}).status_code == 404


def test_the_queue_says_what_waits(team, editor):
    claim = make_claim(team)
    queue = editor.get("queue/").json()
    assert [row["id"] for row in queue["to_check"]["rows"]] == [claim.pk]
    assert (queue["to_check"]["number"], queue["can_check"], queue["can_review"]) == (1, True, False)


def test_a_bulk_action_does_what_it_can_and_names_the_rest(team, editor):
    document = make_document(team)
    one, two = make_claim(team, document=document), make_verified_claim(team, document=document)
    answer = editor.post("claims/dismiss/", {"claims": [one.pk, two.pk], "reason": "Opinion."}).json()
    assert answer["done"] == [one.pk]
    assert [refused["claim"] for refused in answer["refused"]] == [two.pk]
    two.refresh_from_db()
    assert two.state == "verified"


def test_a_bulk_action_over_another_desks_claim_does_nothing(team, editor):
    mine = make_claim(team)
    response = editor.post("claims/dismiss/", {"claims": [mine.pk, 10**12]})
    assert response.status_code == 404
    mine.refresh_from_db()
    assert mine.state == "open"


def test_the_order_of_work_is_set_in_bulk(team, editor):
    claims = [make_claim(team).pk, make_claim(team).pk]
    due = (timezone.now() + timedelta(days=1)).isoformat()
    assert editor.post("claims/assign/", {"claims": claims, "assignee": team.colleague.pk}).json() == {
        "changed": 2
    }
    body = {"claims": claims, "priority": 1, "due_at": due}
    assert editor.post("claims/prioritise/", body).json() == {"changed": 2}
    assert editor.post("claims/tag/", {"claims": claims, "add": ["Caracas "]}).json() == {"changed": 2}
    row = editor.get("claims/", {"tag": "caracas"}).json()["results"][0]
    assert (row["priority"], row["assignee"]["id"]) == (1, team.colleague.pk)
    assert editor.post("claims/prioritise/", {"claims": claims, "due_at": None}).json() == {"changed": 2}
    assert editor.post("claims/assign/", {"claims": claims, "assignee": None}).json() == {"changed": 2}
    assert set(Claim.objects.values_list("due_at", "assignee", "priority")) == {(None, None, 1)}


def test_work_is_not_given_to_people_of_other_desks_nor_are_they_named(team, editor):
    claim = make_claim(team)
    response = editor.post("claims/assign/", {"claims": [claim.pk], "assignee": team.outsider.pk})
    assert response.status_code == 404
    assert team.outsider.display_name not in response.content.decode()
    claim.refresh_from_db()
    assert claim.assignee is None


def test_a_source_is_changed_withdrawn_and_restored(team, editor):
    evidence = make_evidence(team, make_claim(team))
    one = f"evidence/{evidence.pk}/"
    changed = editor.patch(one, {"note": "Counted twice."}, If_Match='"1"')
    assert (changed.json()["note"], changed.json()["stance"]) == ("Counted twice.", "supports")
    assert changed["ETag"].startswith('"2.')
    stale = editor.patch(one, {"note": "Other."}, If_Match='"1"')
    assert (stale.status_code, stale.json()["current"]["note"]) == (412, "Counted twice.")
    assert editor.post(one + "withdraw/").json()["withdrawn_by"]["id"] == team.editor.pk
    listed = f"claims/{evidence.claim_id}/evidence/"
    assert editor.get(listed).json()["results"] == []
    assert len(editor.get(listed, {"withdrawn": "true"}).json()["results"]) == 1
    assert editor.post(one + "restore/").json()["withdrawn_at"] is None


def test_a_source_under_review_is_locked(team, editor):
    claim = make_claim_in_review(team)
    evidence = Evidence.objects.get(claim=claim)
    new = {"addresses": ["https://example.org/x"], "stance": "context"}
    for method, path, body in (
        ("patch", f"evidence/{evidence.pk}/", {"note": "X"}),
        ("post", f"evidence/{evidence.pk}/withdraw/", {}),
        ("post", f"claims/{claim.pk}/evidence/", new),
    ):
        headers = {"If_Match": '"1"'} if method == "patch" else {}
        response = getattr(editor, method)(path, body, **headers)
        assert (response.status_code, response.json()["code"]) == (409, "claim_locked")
    assert Evidence.objects.count() == 1
    evidence.refresh_from_db()
    assert (evidence.note, evidence.withdrawn_at) == ("", None)


def test_a_bad_address_attaches_none_of_them(team, editor):
    claim = make_claim(team)
    body = {"addresses": ["https://example.org/a", "gopher://example.org"], "stance": "supports"}
    response = editor.post(f"claims/{claim.pk}/evidence/", body)
    assert (response.status_code, list(response.json()["fields"])) == (422, ["addresses"])
    assert not Evidence.objects.exists()


def test_a_file_becomes_a_source_with_its_text(team, editor):
    claim = make_claim(team)
    file = SimpleUploadedFile("count.txt", b"Sixty-nine injured people were counted.")
    body = {"file": file, "stance": "refutes", "passage": "Sixty-nine injured"}
    made = editor.send_form(f"claims/{claim.pk}/evidence/by-file/", body).json()
    assert (made["passage_found"], made["passage_start"], made["passage_end"]) == (True, 0, 18)
    reference = editor.get(f"references/{made['reference']['id']}/").json()
    assert reference["is_file"] is True
    text = editor.get(f"captures/{reference['latest_capture']['id']}/text/").json()["text"]
    assert text == "Sixty-nine injured people were counted."
    refused = editor.post(f"references/{reference['id']}/retry/")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_fetchable")


def test_a_fetch_is_called_off_and_asked_for_again(team, editor):
    claim = make_claim(team)
    body = {"addresses": ["https://example.org/a"], "stance": "supports"}
    made = editor.post(f"claims/{claim.pk}/evidence/", body).json()["results"][0]
    one = f"references/{made['reference']['id']}/"
    assert made["reference"]["fetch"]["state"] == "queued"
    assert editor.post(one + "cancel/").json()["fetch"]["state"] == "cancelled"
    refused = editor.post(one + "cancel/")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_cancel")
    again = editor.post(one + "retry/")
    assert (again.status_code, again.json()["fetch"]["state"]) == (202, "queued")
    listed = editor.get("references/", {"desk": team.desk.pk, "state": "queued"}).json()["results"]
    assert [(row["id"], row["use_count"]) for row in listed] == [(made["reference"]["id"], 1)]


@pytest.mark.parametrize("action", ["skip", "park"])
def test_nobody_sets_aside_through_the_api_what_another_holds(team, editor, action):
    claim = make_claim(team)
    leases.hold(claim.pk, by=team.colleague)
    until = (timezone.now() + timedelta(days=1)).isoformat()
    body = {"reason": "No Dutch"} | ({"until": until} if action == "park" else {})
    answer = editor.post(f"claims/{claim.pk}/{action}/", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "held_by_other")
    claim.refresh_from_db()
    assert (claim.lease_holder, claim.parked_until) == (team.colleague, None)
    assert not ClaimSkip.objects.exists()
