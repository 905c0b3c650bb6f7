"""The article under check and its text at one moment."""

from enum import StrEnum
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now

from annotations.models.constraints import append_only, choices_of, one_of, sha256_of
from annotations.models.desk import Desk
from annotations.models.guards import DatedNow, Guard, NeverEmptied


class LoadingState(StrEnum):
    """Whether the text is there yet. Only a document loaded by its address can wait or fail."""

    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class DocumentQuerySet(models.QuerySet["Document"]):
    """Filters of documents; every method chains."""

    def of_desk(self, desk_id: int) -> Self:
        return self.filter(desk_id=desk_id)


class Document(models.Model):
    """An article. Its details can be corrected; its text is in immutable versions."""

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="documents")
    title = models.CharField(max_length=500)
    url = models.URLField(max_length=2000, blank=True)
    outlet = models.CharField(max_length=200, blank=True)
    author = models.CharField(max_length=300, blank=True)
    published_on = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=12, blank=True)
    loading_state = models.CharField(
        max_length=10, choices=choices_of(LoadingState), default=LoadingState.READY.value
    )
    loading_problem = models.TextField(blank=True)
    current_version = models.ForeignKey(
        "DocumentVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    objects = DocumentQuerySet.as_manager()

    class Meta:
        constraints = (
            one_of("document_loading_state_known", "loading_state", LoadingState),
            models.CheckConstraint(
                name="document_ready_has_text",
                condition=~Q(loading_state="ready") | Q(current_version__isnull=False),
            ),
        )
        # The documents page: newest first within a desk.
        indexes = (models.Index(name="document_desk_newest", fields=["desk", "-id"]),)
        triggers = (
            # Without a place in the new text a claim would not be asked about. Looked at when all is written.
            Guard(
                name="document_claims_placed",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("current_version_id"),  # type: ignore[no-untyped-call]
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Condition(
                    "OLD.current_version_id IS DISTINCT FROM NEW.current_version_id"
                ),
                declare=[("wrong", "boolean")],
                func="""
                IF NOT EXISTS (
                    SELECT 1 FROM annotations_documentversion v
                    LEFT JOIN annotations_documentversion before ON before.id = OLD.current_version_id
                    WHERE v.id = NEW.current_version_id AND v.document_id = NEW.id
                        AND v.number > coalesce(before.number, 0)
                ) THEN
                    RAISE EXCEPTION 'an article goes on to a later version of its own'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'document_goes_forward';
                END IF;
                -- Planned each time: an article may have many thousands of claims.
                EXECUTE $query$
                    SELECT EXISTS (
                        SELECT 1 FROM annotations_anchor a
                        WHERE a.document_version_id = $1 AND NOT EXISTS (
                            SELECT 1 FROM annotations_anchor placed
                            WHERE placed.claim_id = a.claim_id AND placed.document_version_id = $2
                        )
                    )
                $query$ INTO wrong USING OLD.current_version_id, NEW.current_version_id;
                IF wrong THEN
                    RAISE EXCEPTION 'every claim of an article gets its place in a new version'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'document_claims_placed';
                END IF;
                RETURN NULL;
                """,
            ),
        )

    def __str__(self) -> str:
        return self.title


class DocumentVersion(models.Model):
    """The text at one moment: NFC, immutable. `length` is in Unicode code points."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    length = models.PositiveIntegerField()
    language = models.CharField(max_length=12, blank=True)
    source_name = models.CharField(max_length=300, blank=True)
    media_type = models.CharField(max_length=120, blank=True)
    warnings = models.JSONField(default=list)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(name="document_version_number_unique", fields=["document", "number"]),
            models.CheckConstraint(name="document_version_not_empty", condition=Q(length__gt=0)),
            models.CheckConstraint(
                name="document_version_hash",
                condition=Q(
                    sha256=sha256_of("text"),
                    length=Func(
                        F("text"), function="char_length", output_field=models.PositiveIntegerField()
                    ),
                ),
            ),
        )
        triggers = (
            append_only("document_version_append_only"),
            NeverEmptied(name="document_version_never_emptied"),
            DatedNow(name="document_version_dated_now", column="created_at"),
        )

    def __str__(self) -> str:
        return f"{self.document_id} v{self.number}"
