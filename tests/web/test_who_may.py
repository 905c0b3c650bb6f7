"""Every page by every kind of person: what other desks own is 404, what a role may not do is 403.

The table names each address once; a new page that is not in it fails the first test.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from annotations.domain.desks.roles import Action, Role, may
from annotations.domain.reports.criteria import Criteria
from annotations.models import Claim, Evidence, Origin, User
from annotations.web.urls import urlpatterns
from annotations.workflow.claims import leases
from annotations.workflow.desks.accounts import create_account
from annotations.workflow.desks.invitations import invite
from annotations.workflow.evidence.attach import attach_file
from annotations.workflow.reports import freeze
from annotations.workflow.verdicts import review
from tests.factories import (
    Team,
    give_verdict,
    make_alert,
    make_capture,
    make_claim,
    make_claim_in_review,
    make_claim_with_changed_words,
    make_document,
    make_evidence,
    make_verified_claim,
    record_of,
)

pytestmark = pytest.mark.django_db

# Pages about the person alone, or the way in: no desk's things are on them, so no role decides.
OWN = {
    "disconnect_provider",
    "outside_answer",
    "outside_sign_in",
    "renew_recovery_codes",
    "second_factor",
    "set_up_app",
    "start",
    "remove_app",
    "add_security_key",
    "remove_security_key",
    "ask_to_confirm_email",
    "confirm_email",
    "remove_email",
    "second_step",
    "turn_off_second_factor",
    "end_other_sessions",
    "end_session",
    "accept_invitation",
    "account",
    "decline_invitation",
    "forget_filter",
    "make_token",
    "new_desk",
    "revoke_token",
    "sign_in",
    "sign_out",
    "switch_desk",
    "theme",
    "welcome",
}
# Lists of whatever desk the person is on; a stranger sees their own, which is empty of ours.
LISTS = {
    "alerts",
    "bulk_claims",
    "changed_claims",
    "claims",
    "desk",
    "documents",
    "keep_filter",
    "new_document",
    "new_report",
    "next_item",
    "queue",
    "reference_sites",
    "references",
    "report_preview",
    "reports",
    "retry_references",
    "signing_keys",
    "waiting_references",
}
# For everybody in the world: nothing on them is anyone's.
PUBLIC = {"check_yourself", "verify_program"}

Thing = Callable[[Team], dict[str, object]]


def of_claim(make: Callable[[Team], Claim]) -> Thing:
    return lambda team: {"claim_id": make(team).pk}


def proposed(team: Team) -> Claim:
    claim = Claim(
        desk=team.desk, document=make_document(team), state="proposed", origin=Origin.PROPOSED, statement="x"
    )
    claim.save()
    return claim


def dismissed(team: Team) -> Claim:
    claim = proposed(team)
    Claim.objects.filter(pk=claim.pk).update(state="dismissed")
    return claim


def judged(team: Team) -> Claim:
    claim = make_claim(team)
    make_evidence(team, claim)
    give_verdict(team, claim)
    return claim


def held_by_colleague(team: Team) -> Claim:
    claim = make_claim(team)
    leases.hold(claim.pk, by=team.colleague)
    return claim


def document(team: Team) -> dict[str, object]:
    return {"document_id": make_document(team).pk}


def claim_in_document(team: Team) -> dict[str, object]:
    claim = make_claim(team)
    return {"document_id": claim.document_id, "claim_id": claim.pk}


def evidence(team: Team) -> dict[str, object]:
    return {"evidence_id": make_evidence(team, make_claim(team)).pk}


def read_evidence(team: Team) -> dict[str, object]:
    attached = make_evidence(team, make_claim(team))
    Evidence.objects.filter(pk=attached.pk).update(capture=make_capture(attached.reference, "Text"))
    return {"evidence_id": attached.pk}


def capture(team: Team) -> dict[str, object]:
    attached = attach_file(
        claim_id=make_claim(team).pk,
        filename="a.html",
        content=b"<p>Text</p>",
        stance="supports",
        by=team.editor,
    )
    return {"capture_id": attached.capture_id}


def withdrawn_evidence(team: Team) -> dict[str, object]:
    found = evidence(team)
    Evidence.objects.filter(pk=found["evidence_id"]).update(
        withdrawn_at="2019-05-01T12:00Z", withdrawn_by=team.editor
    )
    return found


def reference(team: Team) -> dict[str, object]:
    return {"reference_id": make_evidence(team, make_claim(team)).reference_id}


def report(team: Team) -> dict[str, object]:
    make_verified_claim(team)
    return {
        "report_id": freeze.freeze_report(
            desk=team.desk, by=team.editor, title="Report", criteria=Criteria()
        ).pk
    }


def alert(team: Team) -> dict[str, object]:
    return {"alert_id": make_alert(team, make_verified_claim(team)).pk}


def desk(team: Team) -> dict[str, object]:
    return {"slug": team.desk.slug}


def member(team: Team) -> dict[str, object]:
    invited = create_account(team.desk.pk, username="invited", role="viewer", by=team.manager).user
    return {"slug": team.desk.slug, "user_id": invited.pk}


def invitation(team: Team) -> dict[str, object]:
    asked = invite(team.desk.pk, username="somebody", role="viewer", by=team.manager)
    return {"slug": team.desk.slug, "invitation_id": asked.pk}


@dataclass(frozen=True)
class Row:
    """One address: what it is about, how it is asked, and which permission it takes."""

    thing: Thing
    action: Action
    method: str = "POST"
    fields: Mapping[str, str] = field(default_factory=dict)


open_claim = of_claim(make_claim)
TABLE: dict[str, Row] = {
    "accept_claim": Row(of_claim(proposed), Action.EDIT_CLAIM),
    "alert": Row(alert, Action.READ, "GET"),
    "amend_alert": Row(alert, Action.REOPEN, fields={"version": "1"}),
    "approve_claim": Row(of_claim(make_claim_in_review), Action.REVIEW),
    "ask_to_join": Row(desk, Action.RUN_DESK),
    "assign_claim": Row(open_claim, Action.ORGANISE),
    "attach_source": Row(
        open_claim,
        Action.ATTACH_EVIDENCE,
        fields={"addresses": "https://example.org/x", "stance": "supports"},
    ),
    "bulk_document_claims": Row(document, Action.EDIT_CLAIM, fields={"claim": "1", "action": "accept"}),
    "cancel_reference": Row(reference, Action.ATTACH_EVIDENCE),
    "cancel_source": Row(evidence, Action.ATTACH_EVIDENCE),
    "capture": Row(capture, Action.READ, "GET"),
    "capture_copy": Row(capture, Action.READ, "GET"),
    "capture_payload": Row(capture, Action.READ, "GET"),
    "capture_wacz": Row(capture, Action.READ, "GET"),
    "changed_words": Row(of_claim(make_claim_with_changed_words), Action.READ, "GET"),
    "choose_passage": Row(read_evidence, Action.ATTACH_EVIDENCE),
    "claim": Row(open_claim, Action.READ, "GET"),
    "claim_entry": Row(claim_in_document, Action.READ, "GET"),
    "compare_captures": Row(reference, Action.READ, "GET"),
    "confirm_alert": Row(alert, Action.GIVE_VERDICT, fields={"version": "1"}),
    "desk_log": Row(desk, Action.READ, "GET"),
    "desk_people": Row(desk, Action.READ, "GET"),
    "desk_scale": Row(desk, Action.READ, "GET"),
    "desk_settings": Row(desk, Action.RUN_DESK),
    "discard_draft": Row(open_claim, Action.READ),
    "dismiss_alert": Row(alert, Action.GIVE_VERDICT, fields={"version": "1"}),
    "dismiss_claim": Row(open_claim, Action.EDIT_CLAIM),
    "document": Row(document, Action.READ, "GET"),
    "document_log": Row(document, Action.READ, "GET"),
    "edit_claim": Row(open_claim, Action.EDIT_CLAIM),
    "edit_document": Row(document, Action.EDIT_DOCUMENT),
    "edit_source": Row(evidence, Action.ATTACH_EVIDENCE, fields={"stance": "refutes", "version": "1"}),
    "fetch_reference": Row(reference, Action.ATTACH_EVIDENCE),
    "give_verdict": Row(open_claim, Action.GIVE_VERDICT),
    "keep_words": Row(of_claim(make_claim_with_changed_words), Action.REVIEW, fields={"version": "2"}),
    "make_account": Row(desk, Action.RUN_DESK),
    "make_link": Row(member, Action.RUN_DESK),
    "make_claim": Row(document, Action.EDIT_CLAIM, fields={"words": "SEBIN", "statement": "x"}),
    "move_claim": Row(claim_in_document, Action.EDIT_CLAIM),
    "new_version": Row(document, Action.EDIT_DOCUMENT),
    "overlook_certificate": Row(evidence, Action.ATTACH_EVIDENCE),
    "overlook_reference": Row(reference, Action.ATTACH_EVIDENCE),
    "park_claim": Row(open_claim, Action.ORGANISE, fields={"until": "2199-01-01"}),
    "place_claim": Row(claim_in_document, Action.EDIT_CLAIM, fields={"words": "SEBIN"}),
    "prioritise_claim": Row(open_claim, Action.ORGANISE),
    "reference": Row(reference, Action.READ, "GET"),
    "release_claim": Row(open_claim, Action.READ),
    "remove_member": Row(member, Action.RUN_DESK),
    "renew_claim": Row(open_claim, Action.ORGANISE),
    "reopen_for_words": Row(of_claim(make_claim_with_changed_words), Action.REOPEN, fields={"version": "2"}),
    "reopen_claim": Row(of_claim(make_verified_claim), Action.REOPEN),
    "report": Row(report, Action.READ, "GET"),
    "report_download": Row(lambda team: report(team) | {"form": "csv"}, Action.READ, "GET"),
    "require_two_factor": Row(desk, Action.RUN_DESK, fields={"required": "no"}),
    "restore_claim": Row(of_claim(dismissed), Action.EDIT_CLAIM),
    "restore_source": Row(withdrawn_evidence, Action.ATTACH_EVIDENCE),
    "retry_loading": Row(document, Action.LOAD_DOCUMENT),
    "retry_source": Row(evidence, Action.ATTACH_EVIDENCE),
    "return_claim": Row(of_claim(make_claim_in_review), Action.REVIEW),
    "save_draft": Row(open_claim, Action.GIVE_VERDICT),
    "set_role": Row(member, Action.RUN_DESK),
    "skip_claim": Row(open_claim, Action.ORGANISE),
    "source_text": Row(read_evidence, Action.READ, "GET"),
    "submit_claim": Row(of_claim(judged), Action.GIVE_VERDICT),
    "tag_claim": Row(open_claim, Action.ORGANISE),
    "take_claim": Row(open_claim, Action.ORGANISE),
    "take_over_claim": Row(of_claim(held_by_colleague), Action.RELEASE_OTHERS),
    "upload_reference": Row(reference, Action.ATTACH_EVIDENCE),
    "waiting_reference": Row(reference, Action.READ, "GET"),
    "waiting_sources": Row(open_claim, Action.READ, "GET"),
    "wake_claim": Row(open_claim, Action.ORGANISE),
    "withdraw_claim": Row(of_claim(make_claim_in_review), Action.GIVE_VERDICT),
    "withdraw_for_words": Row(of_claim(make_claim_in_review), Action.GIVE_VERDICT, fields={"version": "2"}),
    "withdraw_invitation": Row(invitation, Action.RUN_DESK),
    "withdraw_source": Row(evidence, Action.ATTACH_EVIDENCE),
}
# What a form of this page needs to get as far as the question who asks.
FIELDS = {"record": "read", "reason": "Because.", "note": "Because.", "name": "Renamed"}


def ask(client: Client, person: User, name: str, things: dict[str, object]) -> Any:
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    send = client.get if TABLE[name].method == "GET" else client.post
    response = send(reverse(name, kwargs=things), {**FIELDS, **TABLE[name].fields})
    if response.streaming:
        # Read to its end, which closes the file behind it and leaves the connection of the test open.
        b"".join(response.streaming_content)  # type: ignore[arg-type]
    return response


def answer(client: Client, person: User, name: str, things: dict[str, object]) -> int:
    status: int = ask(client, person, name, things).status_code
    return status


def nowhere(things: dict[str, object]) -> dict[str, object]:
    """The same address with numbers and names that nothing has."""
    none: dict[str, object] = {"slug": "nowhere", "form": things.get("form", "")}
    return {name: none.get(name, 2**62) for name in things}


def test_every_page_stands_in_exactly_one_table() -> None:
    names = {str(pattern.name) for pattern in urlpatterns if isinstance(pattern, URLPattern)}

    assert names == set(TABLE) | OWN | LISTS | PUBLIC
    assert not set(TABLE) & (OWN | LISTS | PUBLIC)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_person_of_another_desk_reads_what_is_said_of_what_is_not_there(
    name: str, team: Team, client: Client
) -> None:
    things = TABLE[name].thing(team)

    theirs = ask(client, team.outsider, name, things)
    none = ask(client, team.outsider, name, nowhere(things))

    assert (theirs.status_code, none.status_code) == (404, 404)
    assert theirs.context["sentence"] == none.context["sentence"]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_member_may_what_their_role_may(name: str, role: Role, team: Team, client: Client) -> None:
    row = TABLE[name]

    status = answer(client, team.in_role(role), name, row.thing(team))

    if may(role, row.action):
        assert status in (200, 204, 302, 303, 409, 422)
    else:
        assert status == 403


@pytest.mark.parametrize(
    "name",
    [
        "alerts",
        "changed_claims",
        "claims",
        "documents",
        "queue",
        "reference_sites",
        "references",
        "reports",
        "signing_keys",
    ],
)
def test_lists_hold_nothing_of_another_desk(name: str, team: Team, client: Client) -> None:
    claim = make_claim_with_changed_words(team)
    report(team)
    client.force_login(team.outsider, backend="django.contrib.auth.backends.ModelBackend")

    shown = client.get(reverse(name)).content.decode()

    assert claim.statement not in shown
    assert claim.document.title not in shown
    assert "example.org" not in shown
    assert team.desk.name not in shown


def test_what_was_refused_left_no_trace(team: Team, client: Client) -> None:
    claim = make_claim_in_review(team)

    assert answer(client, team.viewer, "approve_claim", {"claim_id": claim.pk}) == 403
    assert answer(client, team.editor, "approve_claim", {"claim_id": claim.pk}) == 403
    assert answer(client, team.outsider, "approve_claim", {"claim_id": claim.pk}) == 404

    claim.refresh_from_db()
    assert claim.state == "in_review"
    review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)
