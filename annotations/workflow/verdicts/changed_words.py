"""A signed claim whose words a newer version of the article changed: kept as it was signed, with a reason."""

from django.db import transaction
from django.db.models.functions import Now

from annotations.domain.activity import Verb
from annotations.domain.desks.roles import Action
from annotations.domain.errors import StaleEdit, WrongState
from annotations.models import KeptWords, SignedRecord, User, changed_words
from annotations.permissions import check_can_review
from annotations.workflow.activity import claim_activity, record_all
from annotations.workflow.claims.locking import lock_claim
from annotations.workflow.verdicts.review import NoteNeeded


class WordsUnchanged(WrongState):
    """There is no change of the article left to decide on for this claim."""

    code = "words_unchanged"


class StaleWords(StaleEdit):
    """The claim was submitted again, or the article changed again, since the change was read."""

    code = "stale_words"


@transaction.atomic(durable=True)
def keep_as_signed(claim_id: int, *, record: str, version: int, by: User, reason: str) -> KeptWords:
    """Keep a claim in review or verified as it was signed, although the article reads differently there now.

    `record` is the SHA-256 of the record in force in hexadecimal, `version` the number of the version of the
    article; both as they were read. A still newer version that changes the words again asks again. Raises
    Missing, NotAllowed, OwnWork, WordsUnchanged, StaleWords or NoteNeeded.
    """
    claim = lock_claim(claim_id, by=by, action=Action.REVIEW)
    check_can_review(by, claim)
    anchor = changed_words().filter(claim=claim).select_related("document_version").first()
    in_force = SignedRecord.objects.in_force(claim.pk) if claim.is_signed else None
    if anchor is None or in_force is None:
        raise WordsUnchanged(
            "There is nothing left to decide: somebody decided, the words stand there again, or the "
            "claim is being worked on."
        )
    if (in_force.sha256, anchor.document_version.number) != (record, version):
        raise StaleWords(
            "The article or the record changed again since you read this. Look at it as it is now, then "
            "decide. Your reason is kept below.",
            current={"record": in_force.sha256, "version": anchor.document_version.number},
        )
    if not reason.strip():
        raise NoteNeeded("Say why the claim stays as it was submitted.", fields={"reason": "Say why."})
    kept = KeptWords.objects.create(
        claim=claim,
        record=in_force,
        document_version=anchor.document_version,
        kept_by=by,
        reason=reason.strip(),
    )
    claim.version += 1
    claim.updated_at = Now()
    claim.save(update_fields=["version", "updated_at"])
    told: dict[str, object] = {"reason": kept.reason, "version": version, "record": record}
    record_all([claim_activity(Verb.KEPT_AS_SIGNED, claim, by, details=told)], entries=[kept])
    return kept
