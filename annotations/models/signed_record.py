"""The signed record: everything a reviewer judges about a claim, as one text with a hash."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.db.models.lookups import Exact

from annotations.domain.verdicts.records import RecordCause
from annotations.models.claim import Claim
from annotations.models.constraints import append_only, choices_of, one_of, sha256_of
from annotations.models.functions import CONTRIBUTORS, RECORD
from annotations.models.guards import Guard, NeverEmptied


class SignedRecordQuerySet(models.QuerySet["SignedRecord"]):
    """Records; every method chains but the last."""

    def in_force(self, claim_id: int) -> "SignedRecord | None":
        """Return the newest record of a claim, None if it was never submitted. One query."""
        return self.filter(claim_id=claim_id).order_by("-number").first()


class SignedRecord(models.Model):
    """What was submitted to a reviewer at one moment; a new submission makes a new one.

    The database builds it whenever a claim goes to review, and nothing else does. The one with the highest
    number is in force. `body` is JSON as PostgreSQL writes it (`annotations.domain.verdicts.records` says
    what is in it); its bytes in UTF-8 are what is hashed, and it is never built again.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="records", db_index=False)
    number = models.PositiveIntegerField(default=0)
    cause = models.CharField(max_length=12, choices=choices_of(RecordCause))
    body = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    # Everybody whose hand is in it, as numbers of accounts.
    hand_ids = ArrayField(models.BigIntegerField(), default=list)
    created_at = models.DateTimeField(db_default=Now())

    objects = SignedRecordQuerySet.as_manager()

    class Meta:
        constraints = (
            one_of("signed_record_cause_known", "cause", RecordCause),
            models.UniqueConstraint(name="signed_record_number_unique", fields=["claim", "number"]),
            models.CheckConstraint(name="signed_record_numbered", condition=Q(number__gte=1)),
            models.CheckConstraint(
                name="signed_record_hash", condition=Exact(F("sha256"), sha256_of("body"))
            ),
        )
        triggers = (
            append_only("signed_record_append_only"),
            NeverEmptied(name="signed_record_never_emptied"),
            # Whoever inserts says only of which claim and why; the rest is what holds in the rows.
            Guard(
                name="signed_record_of_rows",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("subject", "annotations_claim%ROWTYPE"), ("before", "jsonb"), ("made", "jsonb")],
                func=f"""
                SELECT * INTO subject FROM annotations_claim c WHERE c.id = NEW.claim_id FOR NO KEY UPDATE;
                -- A version that is just being added is waited for, and then it is the current one.
                PERFORM 1 FROM annotations_document d WHERE d.id = subject.document_id FOR KEY SHARE;
                IF subject.state IS DISTINCT FROM 'in_review' THEN
                    RAISE EXCEPTION 'a record is made of a claim in review'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'signed_record_in_review';
                END IF;
                NEW.number := 1 + coalesce(
                    (SELECT max(r.number) FROM annotations_signedrecord r WHERE r.claim_id = NEW.claim_id), 0
                );
                made := {RECORD.name}(NEW.claim_id) || jsonb_build_object('cause', NEW.cause);
                -- A page that is read later does not make a version that came meanwhile one that was there.
                SELECT r.body::jsonb INTO before FROM annotations_signedrecord r
                    WHERE r.claim_id = NEW.claim_id ORDER BY r.number DESC LIMIT 1;
                IF before -> 'submitted_at' = made -> 'submitted_at' THEN
                    made := jsonb_set(
                        made, '{{article,current_version}}',
                        coalesce(before #> '{{article,current_version}}', 'null')
                    );
                END IF;
                NEW.body := made::text;
                NEW.sha256 := encode(sha256(convert_to(NEW.body, 'UTF8')), 'hex');
                NEW.hand_ids := {CONTRIBUTORS.name}(
                    subject.id, subject.verdict_id, subject.statement_author_ids || subject.submitted_by_id
                );
                NEW.created_at := clock_timestamp();
                RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.claim_id} record {self.number}"
