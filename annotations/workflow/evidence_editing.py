"""Sources already attached: what they do for the claim changed, withdrawn, taken back in."""

from django.db import transaction
from django.db.models.functions import Now

from annotations.domain.errors import Missing, StaleEdit, WrongState
from annotations.domain.roles import Action
from annotations.models import Claim, Evidence, User
from annotations.workflow.captures import place_passage
from annotations.workflow.evidence_rules import check_not_attached, check_words, record_evidence
from annotations.workflow.locking import check_workable, lock_claim
from annotations.workflow.proving import state_passage


class StaleEvidence(StaleEdit):
    """Someone else edited this source since it was read."""

    code = "stale_evidence"


class EvidenceWithdrawn(WrongState):
    """The source was withdrawn from the claim."""

    code = "evidence_withdrawn"


@transaction.atomic(durable=True)
def edit_evidence(
    evidence_id: int,
    *,
    version: int,
    stance: str,
    passage: str,
    note: str,
    by: User,
    lease_token: int | None = None,
) -> Evidence:
    """Change what a source does for its claim; whoever edits it becomes one of its authors.

    `version` is the row version the person saw. Raises Missing, NotAllowed, LeaseLost, ClaimLocked,
    SourceRefused, EvidenceWithdrawn or StaleEvidence.
    """
    evidence, claim = _locked(evidence_id, by, lease_token)
    if evidence.withdrawn_at is not None:
        raise EvidenceWithdrawn("This source was withdrawn. Restore it first.")
    check_words(stance, passage, note)
    if evidence.version != version:
        raise StaleEvidence(
            "Someone changed this source while you were writing. Your text is kept below, beside theirs.",
            current={
                "stance": evidence.stance,
                "passage": evidence.passage,
                "note": evidence.note,
                "version": evidence.version,
            },
        )
    had = evidence.capture_id, evidence.passage_start, evidence.passage_end
    before = {"stance": evidence.stance, "passage": evidence.passage, "note": evidence.note}
    evidence.stance, evidence.note = stance, note.strip()
    if passage.strip() != evidence.passage:
        evidence.passage = passage.strip()
        evidence.capture = evidence.capture or evidence.reference.latest_capture
        place_passage(evidence, evidence.capture)
    if by.pk not in evidence.author_ids:
        evidence.author_ids = [*evidence.author_ids, by.pk]
    evidence.version += 1
    evidence.save()
    record_evidence("edited_evidence", claim, [evidence], by, details={"before": before})
    if (evidence.capture_id, evidence.passage_start, evidence.passage_end) != had:
        state_passage(evidence)
    return evidence


@transaction.atomic(durable=True)
def withdraw_evidence(evidence_id: int, *, by: User, lease_token: int | None = None) -> Evidence:
    """Take a source off its claim; it stays readable and can be restored.

    Withdrawing twice changes nothing. Raises Missing, NotAllowed, LeaseLost or ClaimLocked.
    """
    evidence, claim = _locked(evidence_id, by, lease_token)
    if evidence.withdrawn_at is None:
        Evidence.objects.filter(pk=evidence.pk).update(
            withdrawn_at=Now(), withdrawn_by=by, version=evidence.version + 1
        )
        record_evidence("withdrew_evidence", claim, [evidence], by)
    evidence.refresh_from_db()
    return evidence


@transaction.atomic(durable=True)
def restore_evidence(evidence_id: int, *, by: User, lease_token: int | None = None) -> Evidence:
    """Undo a withdrawal. Restoring twice changes nothing.

    Raises Missing, NotAllowed, LeaseLost, ClaimLocked, or SourceAttached where the same page was
    attached anew meanwhile.
    """
    evidence, claim = _locked(evidence_id, by, lease_token)
    if evidence.withdrawn_at is not None:
        check_not_attached(claim, [evidence.reference])
        Evidence.objects.filter(pk=evidence.pk).update(
            withdrawn_at=None, withdrawn_by=None, version=evidence.version + 1
        )
        record_evidence("restored_evidence", claim, [evidence], by)
    evidence.refresh_from_db()
    return evidence


def _locked(evidence_id: int, by: User, lease_token: int | None) -> tuple[Evidence, Claim]:
    claim_id = Evidence.objects.filter(pk=evidence_id).values_list("claim_id", flat=True).first()
    if claim_id is None:
        raise Missing("There is no such source, or it belongs to a desk you are not a member of.")
    claim = lock_claim(claim_id, by=by, action=Action.ATTACH_SOURCE, lease_token=lease_token)
    check_workable(claim)
    evidence = (
        Evidence.objects.select_for_update(of=("self",), no_key=True)
        .select_related("reference")
        .get(pk=evidence_id)
    )
    return evidence, claim
