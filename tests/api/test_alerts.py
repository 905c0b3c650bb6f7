"""Changed sources through the API: read, and decided on by the version that was read."""

import json

import pytest

from annotations.models import Activity, Alert
from tests.api.conftest import Api
from tests.factories import Team, make_alert, make_verified_claim

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(team: Team) -> Alert:
    return make_alert(team, make_verified_claim(team))


def test_what_changed_is_shown_with_the_version_to_decide_by(team: Team, alert: Alert) -> None:
    shown = Api(team.reviewer).get(f"alerts/{alert.pk}/")

    assert shown.headers["ETag"].startswith('"1.')
    body = json.loads(shown.content)
    assert (body["level"], body["state"], body["claim"]) == ("text", "open", alert.claim_id)
    assert (body["before"], body["after"]) == (alert.before_id, alert.after_id)


def test_a_list_tells_those_that_call_oneself_from_the_rest(team: Team, alert: Alert) -> None:
    def listed(**asked: object) -> list[int]:
        answer = Api(team.viewer).get("alerts/", {"desk": team.desk.pk, **asked})
        return [row["id"] for row in json.loads(answer.content)["results"]]

    assert listed() == [alert.pk]
    assert listed(mine="true") == []
    assert listed(decided="true") == []


def test_a_decision_is_taken_once_and_by_who_read_the_newest(team: Team, alert: Alert) -> None:
    api = Api(team.reviewer)
    Alert.objects.filter(pk=alert.pk).update(version=2)

    stale = api.post(f"alerts/{alert.pk}/confirm/", {"note": "Stands."}, If_Match='"1"')
    assert stale.status_code == 412
    assert json.loads(stale.content)["current"]["version"] == 2
    assert Alert.objects.get(pk=alert.pk).state == "open"

    done = api.post(f"alerts/{alert.pk}/confirm/", {"note": "Stands."}, If_Match='"2"')
    assert json.loads(done.content)["state"] == "confirmed"
    assert json.loads(done.content)["decided_by"]["username"] == team.reviewer.username
    assert Activity.objects.filter(verb="confirmed_source", claim_id=alert.claim_id).exists()

    again = api.post(f"alerts/{alert.pk}/dismiss/", {"note": "No."}, If_Match='"3"')
    assert (again.status_code, json.loads(again.content)["code"]) == (409, "alert_decided")


def test_to_amend_a_verified_claim_reopens_it(team: Team, alert: Alert) -> None:
    refused = Api(team.editor).post(f"alerts/{alert.pk}/amend/", {"note": "Forty."}, If_Match='"1"')
    assert refused.status_code == 403
    assert Alert.objects.get(pk=alert.pk).state == "open"

    done = Api(team.reviewer).post(f"alerts/{alert.pk}/amend/", {"note": "Forty."}, If_Match='"1"')

    assert json.loads(done.content)["state"] == "amended"
    alert.claim.refresh_from_db()
    assert alert.claim.state == "open"


def test_a_dismissal_says_why(team: Team, alert: Alert) -> None:
    refused = Api(team.reviewer).post(f"alerts/{alert.pk}/dismiss/", {}, If_Match='"1"')

    assert (refused.status_code, "note" in json.loads(refused.content)["fields"]) == (422, True)
    assert Alert.objects.get(pk=alert.pk).state == "open"
