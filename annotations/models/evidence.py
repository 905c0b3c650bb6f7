"""What a reference does for a claim, and the passage in it that is relied on."""

from typing import Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.domain.claims.states import WORKABLE, ClaimState
from annotations.domain.evidence.stance import Stance
from annotations.models.capture import Capture
from annotations.models.claim import Claim
from annotations.models.constraints import choices_of, one_of, sql_values
from annotations.models.guards import Guard, NeverEmptied, Protect
from annotations.models.reference import Reference


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    """Filters of evidence; every method chains."""

    def in_force(self) -> Self:
        """Keep evidence that a verdict in force rests on."""
        return self.filter(withdrawn_at__isnull=True, claim__verdict__isnull=False).exclude(
            claim__state=ClaimState.DISMISSED
        )

    def placed(self) -> Self:
        """Keep evidence that is not withdrawn and whose passage was found in its capture."""
        return self.filter(withdrawn_at__isnull=True, passage_start__isnull=False)


class Evidence(models.Model):
    """A reference attached to a claim: what it does for it, and the passage relied on.

    `passage_start` and `passage_end` are code points in the text of `capture`; empty if not found.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="evidence")
    reference = models.ForeignKey(Reference, on_delete=models.PROTECT, related_name="evidence")
    capture = models.ForeignKey(
        Capture, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    url_given = models.TextField(blank=True)
    stance = models.CharField(max_length=10, choices=choices_of(Stance))
    passage = models.TextField(blank=True)
    passage_start = models.PositiveIntegerField(null=True)
    passage_end = models.PositiveIntegerField(null=True)
    note = models.TextField(blank=True)
    author_ids = ArrayField(models.BigIntegerField())
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now())
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        constraints = (
            one_of("evidence_stance_known", "stance", Stance),
            models.CheckConstraint(
                name="evidence_withdrawn_whole",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
            ),
            models.CheckConstraint(
                name="evidence_passage_place_whole",
                condition=Q(passage_start__isnull=True, passage_end__isnull=True)
                # A comparison with NULL would pass, so both ends are required by name.
                | Q(
                    passage_start__isnull=False,
                    passage_end__isnull=False,
                    passage_start__lt=models.F("passage_end"),
                    capture__isnull=False,
                ),
            ),
            # A page is attached to a claim once, unless it was withdrawn before.
            models.UniqueConstraint(
                name="evidence_once_a_claim",
                fields=["claim", "reference"],
                condition=Q(withdrawn_at__isnull=True),
            ),
        )
        triggers = (
            Protect(name="evidence_not_deleted", operation=pgtrigger.Delete),
            NeverEmptied(name="evidence_never_emptied"),
            Guard(
                name="evidence_while_workable",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=f"""
                -- Both have to be there first: who uploaded a capture counts from the moment it is relied on.
                IF NOT EXISTS (SELECT 1 FROM annotations_reference s WHERE s.id = NEW.reference_id)
                    OR NEW.capture_id IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM annotations_capture k
                        WHERE k.id = NEW.capture_id AND k.reference_id = NEW.reference_id
                    ) THEN
                    RAISE EXCEPTION 'evidence rests on a reference and on a capture of that reference'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_of_reference';
                END IF;
                IF TG_OP = 'UPDATE' THEN
                    IF NEW.claim_id <> OLD.claim_id OR NEW.reference_id <> OLD.reference_id
                        OR NOT (NEW.author_ids @> OLD.author_ids)
                        -- Unknown, so not true, where one of the two is not withdrawn.
                        OR (NEW.withdrawn_at, NEW.withdrawn_by_id) <> (OLD.withdrawn_at, OLD.withdrawn_by_id) THEN
                        RAISE EXCEPTION 'evidence stays with its claim, its reference, its authors and who withdrew it'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_stays';
                    END IF;
                    -- A fetch that ends later sets the capture and the passage's place, and nothing else.
                    IF OLD.capture_id IS NULL AND NEW.stance = OLD.stance AND NEW.passage = OLD.passage
                        AND NEW.note = OLD.note AND NEW.url_given = OLD.url_given
                        AND NEW.author_ids = OLD.author_ids AND NEW.version = OLD.version
                        AND (NEW.withdrawn_at, NEW.withdrawn_by_id)
                            IS NOT DISTINCT FROM (OLD.withdrawn_at, OLD.withdrawn_by_id) THEN
                        -- Whoever submits it meanwhile waits, and puts what was read on record.
                        PERFORM 1 FROM annotations_claim c
                            WHERE c.id = NEW.claim_id AND c.state <> 'verified' FOR SHARE;
                        IF FOUND THEN
                            RETURN NEW;
                        END IF;
                    END IF;
                END IF;
                IF NEW.author_ids = '{{}}' THEN
                    RAISE EXCEPTION 'evidence has an author'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_authored';
                END IF;
                PERFORM 1 FROM annotations_claim c
                    WHERE c.id = NEW.claim_id AND c.state IN {sql_values(WORKABLE)} FOR SHARE;
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'evidence changes only while the claim is to be checked'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_while_workable';
                END IF;
                RETURN NEW;
                """,
            ),
            # A page that is read during the review makes a new record, which the reviewer has to read.
            Guard(
                name="evidence_recorded",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.capture_id IS NULL AND NEW.capture_id IS NOT NULL"),
                func="""
                -- One statement may change both: the rule above saw the claim before it was signed off.
                IF EXISTS (
                    SELECT 1 FROM annotations_claim c WHERE c.id = NEW.claim_id AND c.state = 'verified'
                ) THEN
                    RAISE EXCEPTION 'nothing is read for a claim that is signed off'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_recorded';
                END IF;
                INSERT INTO annotations_signedrecord (claim_id, number, cause, body, sha256, hand_ids)
                SELECT c.id, 0, 'read', '', '', '{}' FROM annotations_claim c
                WHERE c.id = NEW.claim_id AND c.state = 'in_review';
                -- The guard on claims works out again whose hands are in it.
                UPDATE annotations_claim SET contributor_ids = contributor_ids
                WHERE id = NEW.claim_id AND state = 'in_review';
                RETURN NULL;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.claim_id}: {self.stance} {self.reference_id}"
