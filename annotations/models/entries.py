"""Seals: signatures over the entries that one transaction wrote for a desk; they show what is forged."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from annotations.domain.proof.kinds import EntryKind
from annotations.models.constraints import choices_of, one_of
from annotations.models.desk import Desk
from annotations.models.guards import DatedNow, Guard, NeverEmptied, Protect
from annotations.models.proof import Manifest


class Seal(models.Model):
    """The application's signature over the entries that one transaction wrote for one desk.

    `kinds`, `row_ids` and `hashes` have one item for each entry. `is_earlier` marks entries from before there
    were seals, which were sealed as they were found. `manifest` is the link of the desk's chain that states
    the seal, and empty for the moments until there is one.
    """

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="seals", db_index=False)
    kinds = ArrayField(models.CharField(max_length=10))
    row_ids = ArrayField(models.BigIntegerField())
    hashes = ArrayField(models.CharField(max_length=64))
    is_earlier = models.BooleanField(default=False)
    public_key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    made_at = models.DateTimeField(db_default=Now())
    manifest = models.ForeignKey(
        Manifest, on_delete=models.PROTECT, null=True, related_name="seals", db_index=False
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="seal_of_entries",
                condition=Q(kinds__len__gte=1, row_ids__len=F("kinds__len"), hashes__len=F("kinds__len")),
            ),
        )
        indexes = (
            models.Index(name="seal_unchained", fields=["desk", "id"], condition=Q(manifest__isnull=True)),
            models.Index(name="seal_of_manifest", fields=["manifest"], condition=Q(manifest__isnull=False)),
        )
        triggers = (
            Protect(name="seal_not_deleted", operation=pgtrigger.Delete),
            NeverEmptied(name="seal_never_emptied"),
            DatedNow(name="seal_dated_now", column="made_at"),
            Guard(
                name="seal_chained_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                IF OLD.manifest_id IS NOT NULL
                    OR to_jsonb(NEW) - 'manifest_id' <> to_jsonb(OLD) - 'manifest_id'
                    OR NOT EXISTS (
                        SELECT 1 FROM annotations_manifest m
                        WHERE m.id = NEW.manifest_id AND m.desk_id = NEW.desk_id AND m.kind = 'entries'
                    ) THEN
                    RAISE EXCEPTION 'a seal is never changed, and gets its place in the chain once'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'seal_chained_once';
                END IF;
                RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"seal {self.pk} of {len(self.kinds)} entries"


class EarlierEntries(models.Model):
    """The rows of one kind that were there before entries were sealed: those dated before `since`.

    They have numbers up to `until_id`, and are sealed up to `done_id`, which only grows. The migration writes
    these rows, and nobody else can.
    """

    kind = models.CharField(max_length=10, primary_key=True, choices=choices_of(EntryKind))
    since = models.DateTimeField()
    until_id = models.BigIntegerField()
    done_id = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "earlier entries"
        constraints = (one_of("earlier_entries_kind_known", "kind", EntryKind),)
        triggers = (
            # What was passed once is not sealed again, so no row can be slipped in among the earlier ones.
            Guard(
                name="earlier_entries_forward",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                IF (NEW.kind, NEW.since, NEW.until_id) IS DISTINCT FROM (OLD.kind, OLD.since, OLD.until_id)
                    OR NEW.done_id < OLD.done_id THEN
                    RAISE EXCEPTION 'earlier entries are sealed once, in the order of their numbers'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'earlier_entries_forward';
                END IF;
                RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} up to {self.until_id}"
