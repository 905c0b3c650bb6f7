"""Words of a signed claim that a newer version of the article changed, and who keeps the claim as signed."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Now

from annotations.domain.claims.reanchoring import NEEDS_A_PERSON
from annotations.domain.claims.states import SIGNED
from annotations.models.anchor import Anchor
from annotations.models.claim import Claim
from annotations.models.constraints import append_only, sql_values
from annotations.models.document import DocumentVersion
from annotations.models.guards import Guard, NeverEmptied
from annotations.models.signed_record import SignedRecord


class KeptWords(models.Model):
    """Someone who might review a claim keeps it as signed, although a newer version has other words there.

    It holds for this record and version. A still newer version that changes the words again asks again.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="kept_words")
    record = models.ForeignKey(SignedRecord, on_delete=models.PROTECT, related_name="+", db_index=False)
    document_version = models.ForeignKey(
        DocumentVersion, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kept_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reason = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.CheckConstraint(name="kept_words_reasoned", condition=~Q(reason="")),)
        triggers = (
            append_only("kept_words_append_only"),
            NeverEmptied(name="kept_words_never_emptied"),
            Guard(
                name="kept_words_by_another",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[
                    ("subject", "annotations_claim%ROWTYPE"),
                    ("signed", "annotations_signedrecord%ROWTYPE"),
                ],
                func=f"""
                SELECT * INTO subject FROM annotations_claim c WHERE c.id = NEW.claim_id FOR NO KEY UPDATE;
                SELECT * INTO signed FROM annotations_signedrecord r
                    WHERE r.claim_id = NEW.claim_id ORDER BY r.number DESC LIMIT 1;
                IF subject.id IS NULL OR subject.state NOT IN {sql_values(SIGNED)} OR NEW.record_id IS DISTINCT FROM signed.id THEN
                    RAISE EXCEPTION 'words are kept for the record in force of a claim in review or verified'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'kept_words_of_record';
                END IF;
                IF NEW.kept_by_id = ANY (signed.hand_ids) THEN
                    RAISE EXCEPTION 'nobody whose hand is in a record keeps its words'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'kept_words_four_eyes';
                END IF;
                IF NOT EXISTS (
                    SELECT 1 FROM annotations_document d
                    WHERE d.id = subject.document_id AND d.current_version_id = NEW.document_version_id
                ) THEN
                    RAISE EXCEPTION 'words are kept in view of the current version of the article'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'kept_words_current';
                END IF;
                NEW.created_at := clock_timestamp();
                RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.claim_id} kept in version {self.document_version_id}"


def changed_words() -> models.QuerySet[Anchor]:
    """Return where signed claims stand in the current version of their article, if their words changed there.

    Signed are claims in review and verified ones. The words changed in a version that was not yet the current
    one at the submission, and nobody has kept the claim as signed in view of that change.
    """
    in_force = SignedRecord.objects.filter(claim=OuterRef("claim")).order_by("-number")
    known = Cast(KT("stated__article__current_version"), models.IntegerField())
    # Records from before they stated the current version: the moments of the two have to do.
    earlier = (
        DocumentVersion.objects.filter(
            document=OuterRef("claim__document"), created_at__lte=OuterRef("claim__submitted_at")
        )
        .order_by("-number")
        .values("number")[:1]
    )
    kept = KeptWords.objects.filter(
        record=OuterRef("in_force"),
        document_version__number__gte=OuterRef("changed_number"),
    )
    return (
        Anchor.objects.annotate(
            in_force=Subquery(in_force.values("pk")[:1]),
            changed_number=Coalesce("changed_in__number", "document_version__number"),
            known_number=Coalesce(
                Subquery(
                    in_force.annotate(stated=Cast("body", models.JSONField())).values_list(known)[:1],
                    output_field=models.IntegerField(),
                ),
                Subquery(earlier, output_field=models.IntegerField()),
            ),
        )
        .filter(
            state__in=NEEDS_A_PERSON,
            claim__state__in=SIGNED,
            document_version=F("claim__document__current_version"),
            changed_number__gt=F("known_number"),
        )
        .exclude(Exists(kept))
    )
