"""A desk with one of everything in every state, for tests that walk all addresses."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from annotations.domain.claims.states import ClaimState
from annotations.domain.reports.criteria import Criteria
from annotations.models import (
    Anchor,
    Claim,
    Document,
    LoadingState,
    Origin,
    Reference,
    SavedFilter,
    User,
    VerdictDraft,
)
from annotations.workflow.claims import edit, organise
from annotations.workflow.desks.api_tokens import create_token
from annotations.workflow.desks.invitations import invite
from annotations.workflow.evidence import attach
from annotations.workflow.evidence.edit import withdraw_evidence
from annotations.workflow.evidence.upload import upload_capture
from annotations.workflow.reports.freeze import freeze_report
from tests.factories import (
    TEXT,
    Team,
    give_verdict,
    make_alert,
    make_claim,
    make_claim_in_review,
    make_claim_with_changed_words,
    make_document,
    make_evidence,
    make_reference,
    make_team,
    make_verified_claim,
    record_of,
)


@dataclass
class Scenario:
    """Numbers by name, to be put into addresses and bodies."""

    team: Team
    numbers: dict[str, Any] = field(default_factory=dict)

    def for_person(self, user: User | None) -> dict[str, int]:
        """The numbers, with the person's own token, filter, draft and hold."""
        if user is None:
            return self.numbers | {"token": 1, "filter": 1, "lease": 1, "mine": 1}
        saved = SavedFilter.objects.create(user=user, desk=self.team.desk, name="Mine", query="person=me")
        VerdictDraft.objects.create(claim_id=self.numbers["open"], user=user, reasoning="So far")
        held = Claim.objects.get(pk=self.numbers["held"])
        held.lease_holder, held.lease_until = user, timezone.now() + timedelta(minutes=5)
        held.lease_token += 1
        held.save(update_fields=["lease_holder", "lease_until", "lease_token"])
        token = create_token(user=user, name="to revoke").token
        elsewhere = make_team()
        asked = invite(elsewhere.desk.pk, username=user.username, role="viewer", by=elsewhere.manager)
        return self.numbers | {
            "token": token.pk,
            "filter": saved.pk,
            "lease": held.lease_token,
            "mine": asked.pk,
        }


def make_scenario() -> Scenario:
    """Make the desk."""
    team = make_team()
    document = make_document(team)
    scenario = Scenario(team, {"desk": team.desk.pk, "document": document.pk, "editor": team.editor.pk})
    ready = make_claim(team, document=document, by=team.colleague)
    evidence = make_evidence(team, ready, by=team.colleague, url="https://example.org/ready")
    give_verdict(team, ready, by=team.colleague)
    alert = make_alert(team, ready)
    spare = make_claim(team, document=document)
    withdrawn = make_evidence(team, spare, url="https://example.org/gone")
    withdraw_evidence(withdrawn.pk, by=team.editor)
    dismissed, parked = make_claim(team, document=document), make_claim(team, document=document)
    edit.dismiss_claims([dismissed.pk], by=team.editor)
    organise.park(parked.pk, by=team.editor, reason="Later", until=timezone.now() + timedelta(days=1))
    queued = attach.attach_addresses(
        claim_id=spare.pk, addresses=["https://example.com/queued"], stance="context", by=team.editor
    )[0]
    seen = upload_capture(
        evidence.reference_id, filename="seen.txt", content=b"Fifty people were hurt.", by=team.colleague
    )
    unsafe = make_reference(team, "https://unsafe.example.org/")
    Reference.objects.filter(pk=unsafe.pk).update(fetch_state="failed", fetch_code="tls_expired")
    verified = make_verified_claim(team, document=document)
    report = freeze_report(desk=team.desk, by=team.editor, title="All", criteria=Criteria())
    failed = Document.objects.create(
        desk=team.desk,
        title="Failed",
        url="https://example.com/article",
        loading_state=LoadingState.FAILED,
        created_by=team.editor,
    )
    changed = make_claim_with_changed_words(team)
    scenario.numbers |= {
        "changed": changed.pk,
        "changed_record": record_of(changed.pk),
        "open": ready.pk,
        "held": spare.pk,
        "proposed": make_proposed(team, document).pk,
        "dismissed": dismissed.pk,
        "parked": parked.pk,
        "in_review": make_claim_in_review(team, document=document).pk,
        "verified": verified.pk,
        "evidence": evidence.pk,
        "withdrawn": withdrawn.pk,
        "reference": evidence.reference_id,
        "queued": queued.reference_id,
        "unsafe": unsafe.pk,
        "capture": seen.pk,
        "alert": alert.pk,
        "report": report.pk,
        "failed": failed.pk,
        "asked": invite(team.desk.pk, username="somebody", role="viewer", by=team.manager).pk,
    }
    scenario.numbers["record"] = record_of(scenario.numbers["in_review"])
    return scenario


def make_proposed(team: Team, document: Document) -> Claim:
    """Return a claim the workbench found by itself."""
    claim = Claim.objects.create(
        desk=team.desk,
        document=document,
        state=ClaimState.PROPOSED,
        origin=Origin.PROPOSED,
        statement=TEXT[:35],
    )
    version = document.current_version
    assert version is not None
    Anchor.objects.create(claim=claim, document_version=version, start=0, end=35, exact=TEXT[:35])
    return claim


def everything(*, but: str = "annotations_apitoken") -> dict[str, Any]:
    """A fingerprint of each table of ours `but` one: a request changes when its token was last used."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if table.startswith("annotations_") and table != but:
                name = connection.ops.quote_name(table)
                cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t")
                found[table] = cursor.fetchone()[0]
    return found
