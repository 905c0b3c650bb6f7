"""Verdicts and reviews: both append-only, and a review is written by a second person."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.domain.claims.states import WORKABLE
from annotations.domain.verdicts.scale import Decision
from annotations.models.claim import Claim
from annotations.models.constraints import append_only, choices_of, one_of, sql_values
from annotations.models.functions import CONTRIBUTORS, RECORD_PERSON
from annotations.models.guards import DatedNow, Guard, NeverEmptied
from annotations.models.rating import Rating
from annotations.models.signed_record import SignedRecord


class Verdict(models.Model):
    """A rating with its reasoning. A new one replaces the one in force and says why."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="verdicts", db_index=False)
    number = models.PositiveIntegerField()
    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, related_name="+", db_index=False)
    reasoning = models.TextField()
    as_of = models.DateField()
    reason_for_change = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(name="verdict_number_unique", fields=["claim", "number"]),
            models.CheckConstraint(name="verdict_reasoned", condition=~Q(reasoning="")),
            models.CheckConstraint(
                name="verdict_change_says_why", condition=Q(number=1) | ~Q(reason_for_change="")
            ),
        )
        triggers = (
            append_only("verdict_append_only"),
            NeverEmptied(name="verdict_never_emptied"),
            DatedNow(name="verdict_dated_now", column="created_at"),
            Guard(
                name="verdict_while_workable",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=f"""
                PERFORM 1 FROM annotations_claim c
                    WHERE c.id = NEW.claim_id AND c.state IN {sql_values(WORKABLE)} FOR SHARE;
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'a verdict is given only while the claim is to be checked'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_while_workable';
                END IF;
                RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.claim_id} verdict {self.number}"


class VerdictDraft(models.Model):
    """What a person is typing, saved automatically; nobody else sees it.

    `base` is the verdict in force when they began, so that a newer one is noticed.
    """

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="drafts", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    base = models.ForeignKey(Verdict, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reasoning = models.TextField(blank=True)
    as_of = models.DateField(null=True)
    reason_for_change = models.TextField(blank=True)
    saved_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.UniqueConstraint(name="verdict_draft_one_a_person", fields=["claim", "user"]),)

    def __str__(self) -> str:
        return f"{self.user_id} on {self.claim_id}"


class Review(models.Model):
    """A second person's decision on one submission of a claim."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="reviews")
    verdict = models.ForeignKey(Verdict, on_delete=models.PROTECT, related_name="reviews", db_index=False)
    # Which submission was decided: the moment the claim was sent to review.
    submitted_at = models.DateTimeField()
    # What was decided on. Empty for decisions that were made before there were records.
    record = models.ForeignKey(
        SignedRecord, on_delete=models.PROTECT, null=True, related_name="reviews", db_index=False
    )
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # As they were called on that day; a trigger fills it.
    reviewer_name = models.CharField(max_length=310, blank=True)
    decision = models.CharField(max_length=10, choices=choices_of(Decision))
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            one_of("review_decision_known", "decision", Decision),
            models.UniqueConstraint(name="review_once_a_submission", fields=["claim", "submitted_at"]),
            models.UniqueConstraint(name="review_once_a_record", fields=["record"]),
            models.CheckConstraint(
                name="review_return_says_why", condition=Q(decision="approved") | ~Q(note="")
            ),
        )
        triggers = (
            append_only("review_append_only"),
            NeverEmptied(name="review_never_emptied"),
            DatedNow(name="review_dated_now", column="created_at"),
            Guard(
                name="review_four_eyes",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[
                    ("subject", "annotations_claim%ROWTYPE"),
                    ("in_force", "annotations_signedrecord%ROWTYPE"),
                ],
                func=f"""
                SELECT * INTO subject FROM annotations_claim c WHERE c.id = NEW.claim_id FOR SHARE;
                SELECT * INTO in_force FROM annotations_signedrecord r
                    WHERE r.claim_id = NEW.claim_id ORDER BY r.number DESC LIMIT 1;
                IF subject.state IS DISTINCT FROM 'in_review' OR subject.verdict_id IS DISTINCT FROM NEW.verdict_id
                    OR subject.submitted_at IS DISTINCT FROM NEW.submitted_at THEN
                    RAISE EXCEPTION 'a review decides the verdict in force of a claim in review'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'review_of_submission';
                END IF;
                IF NEW.reviewer_id = ANY (
                    in_force.hand_ids || {CONTRIBUTORS.name}(
                        subject.id, subject.verdict_id, subject.statement_author_ids || subject.submitted_by_id
                    )
                ) THEN
                    RAISE EXCEPTION 'nobody reviews what they wrote'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'review_four_eyes';
                END IF;
                NEW.reviewer_name := {RECORD_PERSON.name}(NEW.reviewer_id) ->> 'name';
                RETURN NEW;
                """,
            ),
            # After the statement: one that submits as well makes its record only when it is done.
            Guard(
                name="review_of_record",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func="""
                IF NEW.record_id IS NULL OR NEW.record_id IS DISTINCT FROM (
                    SELECT r.id FROM annotations_signedrecord r
                    WHERE r.claim_id = NEW.claim_id ORDER BY r.number DESC LIMIT 1
                ) THEN
                    RAISE EXCEPTION 'a review decides the record in force'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'review_of_record';
                END IF;
                RETURN NULL;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.claim_id}: {self.decision}"
