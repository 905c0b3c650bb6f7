"""Giving a verdict on the page: kept while typed, refused with nothing lost, sent on."""

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from annotations.domain.claims.states import ClaimState
from annotations.models import Claim, User, Verdict, VerdictDraft
from annotations.workflow.claims import leases
from annotations.workflow.verdicts import give
from annotations.workflow.verdicts.give import Draft
from tests.factories import AS_OF, Team, give_verdict, make_claim, make_claim_in_review, make_evidence

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def as_(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def typed(team: Team, **changes: object) -> dict[str, object]:
    return {
        "rating": team.ratings["false"].pk,
        "reasoning": "The register says otherwise.",
        "as_of": "2019-05-01",
        "base_number": 0,
    } | changes


def test_the_form_starts_with_today_and_every_definition(client: Client, team: Team) -> None:
    claim = make_claim(team)
    text = as_(client, team.editor).get(f"/claims/{claim.pk}/").content.decode()
    assert f'name="as_of" value="{timezone.localdate():%Y-%m-%d}"' in text
    for number, rating in enumerate(sorted(team.ratings.values(), key=lambda row: row.position), start=1):
        assert rating.definition in text
        assert f'value="{rating.pk}" data-key="{number}"' in text


def test_a_saved_verdict_is_in_force_and_the_claim_stays_to_be_checked(client: Client, team: Team) -> None:
    claim = make_claim(team)
    response = as_(client, team.editor).post(f"/claims/{claim.pk}/verdict/", typed(team, save="1"))
    assert response["Location"] == f"/claims/{claim.pk}/"
    claim.refresh_from_db()
    verdict = Verdict.objects.get()
    assert claim.verdict == verdict
    assert claim.state == ClaimState.OPEN
    assert (verdict.rating.slug, verdict.reasoning, verdict.as_of) == (
        "false",
        "The register says otherwise.",
        date(2019, 5, 1),
    )


def test_save_and_submit_sends_it_on_and_leads_to_the_next(client: Client, team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    response = as_(client, team.editor).post(f"/claims/{claim.pk}/verdict/", typed(team, submit="1"))
    assert response["Location"] == f"/claims/{claim.pk}/?done=submitted"
    claim.refresh_from_db()
    assert claim.state == ClaimState.IN_REVIEW
    text = client.get(response["Location"]).content.decode()
    assert "The verdict waits for a second person now." in text
    assert "autofocus" in text


def test_submitting_without_a_source_keeps_what_was_typed_and_changes_nothing(
    client: Client, team: Team
) -> None:
    claim = make_claim(team)
    response = as_(client, team.editor).post(f"/claims/{claim.pk}/verdict/", typed(team, submit="1"))
    text = response.content.decode()
    assert response.status_code == 422
    assert "attach at least one" in text
    assert "The register says otherwise.</textarea>" in text
    assert f'value="{team.ratings["false"].pk}" data-key="4" data-key-label="False"' in text
    assert not Verdict.objects.exists()
    claim.refresh_from_db()
    assert claim.state == ClaimState.OPEN


def test_what_is_missing_is_named_at_its_field(client: Client, team: Team) -> None:
    claim = make_claim(team)
    response = as_(client, team.editor).post(
        f"/claims/{claim.pk}/verdict/", {"reasoning": "", "as_of": "", "base_number": 0}
    )
    text = response.content.decode()
    assert response.status_code == 422
    for sentence in ("Choose a rating.", "Say how the sources lead to this rating.", "Give the date"):
        assert sentence in text


def test_the_later_writer_sees_both_texts_and_can_save_over(client: Client, team: Team) -> None:
    claim = make_claim(team)
    give_verdict(team, claim, by=team.colleague)
    response = as_(client, team.editor).post(f"/claims/{claim.pk}/verdict/", typed(team, save="1"))
    text = response.content.decode()
    assert response.status_code == 409
    assert f"{team.colleague.display_name} put a verdict in force while you were writing." in text
    assert "Two sources say so." in text
    assert "The register says otherwise.</textarea>" in text
    assert Verdict.objects.count() == 1
    assert VerdictDraft.objects.get(user=team.editor).reasoning == "The register says otherwise."
    assert 'name="base_number" value="1"' in text
    again = typed(team, save="1", base_number=1, reason_for_change="The register is newer.")
    assert client.post(f"/claims/{claim.pk}/verdict/", again).status_code == 302
    assert Verdict.objects.get(number=2).reason_for_change == "The register is newer."


def test_a_lost_hold_refuses_the_verdict_and_keeps_the_text_for_a_reader(client: Client, team: Team) -> None:
    claim = make_claim(team)
    old = leases.hold(claim.pk, by=team.editor)
    leases.take_over(claim.pk, by=team.manager)
    response = as_(client, team.editor).post(
        f"/claims/{claim.pk}/verdict/", typed(team, save="1", lease_token=old.lease_token)
    )
    text = response.content.decode()
    assert response.status_code == 409
    assert "The register says otherwise." in text
    assert team.manager.display_name in text
    assert not Verdict.objects.exists()
    assert VerdictDraft.objects.get(user=team.editor).reasoning == "The register says otherwise."


def test_a_verdict_on_a_claim_sent_to_review_meanwhile_is_kept_as_a_draft(client: Client, team: Team) -> None:
    claim = make_claim_in_review(team)
    response = as_(client, team.colleague).post(f"/claims/{claim.pk}/verdict/", typed(team, save="1"))
    assert response.status_code == 409
    assert VerdictDraft.objects.get(user=team.colleague).reasoning == "The register says otherwise."
    assert Verdict.objects.count() == 1


def test_typing_is_kept_as_a_draft_only_its_writer_sees(client: Client, team: Team) -> None:
    claim = make_claim(team)
    response = as_(client, team.editor).post(
        f"/claims/{claim.pk}/verdict/draft/", typed(team, as_of="2019-", reasoning="Half a"), headers=HTMX
    )
    assert "Draft saved" in response.content.decode()
    draft = VerdictDraft.objects.get()
    assert (draft.user, draft.reasoning, draft.as_of) == (team.editor, "Half a", None)
    assert "Half a</textarea>" in client.get(f"/claims/{claim.pk}/").content.decode()
    assert "Half a" not in as_(client, team.colleague).get(f"/claims/{claim.pk}/").content.decode()


def test_without_a_script_the_draft_is_saved_by_its_button_and_thrown_away_by_another(
    client: Client, team: Team
) -> None:
    claim = make_claim(team)
    response = as_(client, team.editor).post(f"/claims/{claim.pk}/verdict/draft/", typed(team))
    assert response["Location"] == f"/claims/{claim.pk}/#verdict"
    assert VerdictDraft.objects.count() == 1
    client.post(f"/claims/{claim.pk}/verdict/discard/", typed(team))
    assert not VerdictDraft.objects.exists()


def test_a_draft_begun_before_a_newer_verdict_opens_beside_it(client: Client, team: Team) -> None:
    claim = make_claim(team)
    give.save_draft(
        claim.pk, draft=Draft(reasoning="My old thoughts", as_of=AS_OF), base_number=0, by=team.editor
    )
    give_verdict(team, claim, by=team.colleague)
    text = as_(client, team.editor).get(f"/claims/{claim.pk}/").content.decode()
    assert "My old thoughts</textarea>" in text
    assert f"{team.colleague.display_name} put a verdict in force while you were writing." in text
    assert 'name="base_number" value="1"' in text


def test_the_verdict_in_force_is_submitted_as_it_is(client: Client, team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    give_verdict(team, claim)
    response = as_(client, team.editor).post(f"/claims/{claim.pk}/submit/")
    assert response["Location"] == f"/claims/{claim.pk}/?done=submitted"
    claim.refresh_from_db()
    assert claim.state == ClaimState.IN_REVIEW
    assert Verdict.objects.count() == 1


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("outsider", 404)])
@pytest.mark.parametrize("action", ["verdict", "verdict/draft", "submit"])
def test_who_may_not_judge_changes_nothing(
    client: Client, team: Team, role: str, status: int, action: str
) -> None:
    claim = make_claim(team)
    before = Claim.objects.values().get(pk=claim.pk)
    response = as_(client, getattr(team, role)).post(f"/claims/{claim.pk}/{action}/", typed(team, save="1"))
    assert response.status_code == status
    assert not Verdict.objects.exists()
    assert not VerdictDraft.objects.exists()
    assert Claim.objects.values().get(pk=claim.pk) == before


def test_a_verdict_on_a_claim_in_review_is_refused_with_the_text_kept(client: Client, team: Team) -> None:
    claim = make_claim_in_review(team)
    response = as_(client, team.colleague).post(f"/claims/{claim.pk}/verdict/", typed(team, base_number=1))
    text = response.content.decode()
    assert response.status_code == 409
    assert "Take it back from review first" in text
    assert "The register says otherwise." in text
    assert Verdict.objects.count() == 1
