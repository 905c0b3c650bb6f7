"""The rules that hold for all evidence, and the log of its changes; private to this package."""

from collections.abc import Sequence

from django.db.models.functions import Now

from annotations.domain.activity import Verb
from annotations.domain.errors import Duplicate, Invalid
from annotations.domain.evidence.stance import Stance
from annotations.models import Claim, Evidence, Reference, User
from annotations.workflow.activity import activity, record_all

MAX_PASSAGE = 5_000
MAX_NOTE = 5_000


class EvidenceRefused(Invalid):
    """What was given as a source cannot be used; `fields` says what is wrong where."""

    code = "source_invalid"


class EvidenceAttached(Duplicate):
    """The page or file is a source of this claim already."""

    code = "source_attached"


def check_words(stance: str, passage: str, note: str) -> None:
    """Raise EvidenceRefused unless this can be said of a source."""
    fields = {}
    if stance not in list(Stance):
        fields["stance"] = "Say whether the source supports or refutes the claim, or gives context."
    if len(passage) > MAX_PASSAGE:
        fields["passage"] = f"At most {MAX_PASSAGE:,} characters; this has {len(passage):,}."
    if len(note) > MAX_NOTE:
        fields["note"] = f"At most {MAX_NOTE:,} characters; this has {len(note):,}."
    if "\x00" in passage + note:
        fields["passage"] = "There are invisible control characters in the text; copy it again."
    if fields:
        raise EvidenceRefused(" ".join(fields.values()), fields=fields)


def check_not_attached(claim: Claim, references: Sequence[Reference]) -> None:
    """Raise EvidenceAttached where one of these is a source of the claim already."""
    attached = Evidence.objects.filter(claim=claim, reference__in=references, withdrawn_at__isnull=True)
    there = list(attached.select_related("reference"))
    if there:
        names = ", ".join(str(evidence.reference) for evidence in there)
        raise EvidenceAttached(
            f"Attached to this claim already: {names}.",
            fields={"addresses": f"Attached to this claim already: {names}."},
        )


def record_evidence(
    verb: Verb,
    claim: Claim,
    evidence: Sequence[Evidence],
    by: User,
    details: dict[str, object] | None = None,
) -> None:
    """Write a line for each of these sources and mark the claim as changed now."""
    Claim.objects.filter(pk=claim.pk).update(updated_at=Now())
    record_all(
        activity(
            verb,
            desk_id=claim.desk_id,
            by=by,
            object_type="evidence",
            object_id=row.pk,
            claim_id=claim.pk,
            document_id=claim.document_id,
            details={
                "reference": row.reference_id,
                "source": str(row.reference)[:300],
                "stance": row.stance,
                **(details or {}),
            },
        )
        for row in evidence
    )
