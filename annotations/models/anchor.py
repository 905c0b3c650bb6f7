"""Where a claim stands in each version of its article; words and place are held together."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from annotations.domain.states import AnchorState
from annotations.models.claim import Claim
from annotations.models.constraints import choices_of, one_of
from annotations.models.document import DocumentVersion

_NEW_ROWS = pgtrigger.Referencing(new="new_rows")  # type: ignore[no-untyped-call]

# One pass over all rows of a statement. A text is unpacked once and cut into pieces, since taking
# a substring far into a long text costs as much as reading all that stands before it.
_WORDS_STAND_THERE = """
IF EXISTS (
    WITH versions AS MATERIALIZED (
        SELECT v.id, v.document_id, v.length, v.text || '' AS text, n.longest
        FROM (
            SELECT document_version_id, max("end" - start) AS longest FROM new_rows GROUP BY 1
        ) n
        JOIN annotations_documentversion v ON v.id = n.document_version_id
    ), pieces AS MATERIALIZED (
        SELECT v.id, v.document_id, place, substr(v.text, place * 2000 + 1, 2000 + v.longest) AS text
        FROM versions v CROSS JOIN LATERAL generate_series(0, v.length / 2000) AS place
    )
    SELECT 1 FROM new_rows n
    JOIN annotations_claim c ON c.id = n.claim_id
    LEFT JOIN pieces p
        ON p.id = n.document_version_id AND p.document_id = c.document_id AND p.place = n.start / 2000
    WHERE n."end" > 0 AND substr(p.text, n.start % 2000 + 1, n."end" - n.start) IS DISTINCT FROM n.exact
) THEN
    RAISE EXCEPTION 'the anchor does not cover the words it claims to cover'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'anchor_exact';
END IF;
RETURN NULL;
"""


class Anchor(models.Model):
    """Where a claim stands in one version: start and end in code points, with its surroundings."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="anchors", db_index=False)
    document_version = models.ForeignKey(DocumentVersion, on_delete=models.PROTECT, related_name="anchors")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    exact = models.TextField()
    prefix = models.TextField(blank=True)
    suffix = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=choices_of(AnchorState), default=AnchorState.EXACT.value)
    score = models.FloatField(default=1.0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(name="anchor_once_a_version", fields=["claim", "document_version"]),
            one_of("anchor_state_known", "state", AnchorState),
            # An orphaned claim stands nowhere in this version; every other one covers characters.
            models.CheckConstraint(
                name="anchor_start_before_end",
                condition=Q(state="orphaned", start=0, end=0, exact="") | Q(start__lt=F("end")),
            ),
        )
        triggers = (
            # Nothing moves silently: the words of the anchor are the words of the text. A transition
            # table belongs to one event, hence two triggers with one body.
            pgtrigger.Trigger(
                name="anchor_exact",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=_NEW_ROWS,
                func=_WORDS_STAND_THERE,
            ),
            pgtrigger.Trigger(
                name="anchor_exact_on_change",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                referencing=_NEW_ROWS,
                func=_WORDS_STAND_THERE,
            ),
        )

    def __str__(self) -> str:
        return f"{self.claim_id} in {self.document_version_id} at {self.start}"
