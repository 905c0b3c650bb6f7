"""Where a claim is in each version of its document; the database holds words and place together."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from annotations.domain.claims.anchoring import AnchorState
from annotations.domain.claims.reanchoring import NEEDS_A_PERSON
from annotations.domain.claims.states import SIGNED
from annotations.models.claim import Claim
from annotations.models.constraints import choices_of, one_of, sql_values
from annotations.models.document import DocumentVersion
from annotations.models.guards import Guard

_WAITING = [state.value for state in NEEDS_A_PERSON]
_NEW_ROWS = pgtrigger.Referencing(new="new_rows")  # type: ignore[no-untyped-call]

# The trigger below compares the words of every new anchor with the characters of its text.
#
# The straightforward way, `substr(text, start + 1, length)` for each anchor, is slow. PostgreSQL keeps text
# as UTF-8, where only counting from the beginning tells where a character stands: for an anchor at the end
# of a book it would read the whole book, and the same again for the next anchor. So the trigger runs once
# for a statement, not once for a row, and first cuts each text into short pieces:
#
# 1. The text is split into its lines. Each line keeps its line end, so all pieces joined are the text.
# 2. `cut` halves every piece of more than 2001 characters, again and again, until none is left. `at` counts
#    the characters of the line that stand before the piece; line and `at` together give the order. Halving
#    reads a text without line ends log2(n) times to get n pieces; cutting off one after another would read
#    it n times.
# 3. `pieces` holds the pieces in order, `starts` the place in the text where each of them begins.
# 4. `width_bucket(place, starts)` finds by binary search the piece in which a place lies. An anchor reads
#    the piece in which it starts, joined with those that follow if it ends in a later one, and compares.
#    Beyond the end of the text there are too few characters, so the comparison fails there too.
#
# Before that, one query checks that the text is there already and belongs to the claim's own document.
# Orphaned anchors have no words to compare. The queries that read tables run through EXECUTE, which plans
# them each time: a plan that was made while a table was small would be kept while it grows.
_WORDS_STAND_THERE = """
EXECUTE $query$
    SELECT EXISTS (
        SELECT 1 FROM new_rows n
        LEFT JOIN annotations_documentversion v ON v.id = n.document_version_id
        LEFT JOIN annotations_claim c ON c.id = n.claim_id
        WHERE v.id IS NULL OR c.document_id IS DISTINCT FROM v.document_id
    )
$query$ INTO wrong;
FOR version IN EXECUTE $query$
    SELECT v.id, v.text FROM annotations_documentversion v
    WHERE v.id IN (SELECT n.document_version_id FROM new_rows n WHERE n."end" > 0)
$query$ LOOP
    EXIT WHEN wrong;
    lines := string_to_array(version.text, E'\\n');
    WITH RECURSIVE cut AS (
        SELECT l.line, 0 AS at,
            CASE WHEN l.line < cardinality(lines) THEN l.words || E'\\n' ELSE l.words END AS piece
        FROM unnest(lines) WITH ORDINALITY AS l(words, line)
        UNION ALL
        SELECT c.line, c.at + h.at,
            CASE h.at WHEN 0 THEN left(c.piece, c.half) ELSE substr(c.piece, c.half + 1) END
        FROM (SELECT *, length(piece) / 2 AS half FROM cut) c, LATERAL (VALUES (0), (c.half)) AS h(at)
        WHERE c.half > 1000
    )
    SELECT array_agg(p.piece ORDER BY p.line, p.at), array_agg(p.start ORDER BY p.line, p.at)
    INTO pieces, starts
    FROM (
        SELECT line, at, piece,
            (sum(length(piece)) OVER (ORDER BY line, at) - length(piece))::int AS start
        FROM cut WHERE length(piece) / 2 <= 1000
    ) p;
    SELECT EXISTS (
        SELECT 1 FROM (
            SELECT r.start, r."end", r.exact,
                width_bucket(r.start, starts) AS first, width_bucket(r."end" - 1, starts) AS last
            FROM new_rows r WHERE r.document_version_id = version.id AND r."end" > 0
        ) n
        WHERE n.exact IS DISTINCT FROM substr(
            CASE WHEN n.first = n.last THEN pieces[n.first] ELSE (
                SELECT string_agg(pieces[i], '' ORDER BY i) FROM generate_series(n.first, n.last) i
            ) END,
            n.start - starts[n.first] + 1, n."end" - n.start
        )
    ) INTO wrong;
END LOOP;
IF wrong THEN
    RAISE EXCEPTION 'the anchor does not cover the words it claims to cover'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'anchor_exact';
END IF;
RETURN NULL;
"""
_VARIABLES = [
    ("version", "record"),
    ("lines", "text[]"),
    ("pieces", "text[]"),
    ("starts", "int[]"),
    ("wrong", "boolean"),
]


class Anchor(models.Model):
    """Where a claim is in one version: start and end in code points, and the text around them."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="anchors", db_index=False)
    document_version = models.ForeignKey(DocumentVersion, on_delete=models.PROTECT, related_name="anchors")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    exact = models.TextField()
    prefix = models.TextField(blank=True)
    suffix = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=choices_of(AnchorState), default=AnchorState.EXACT.value)
    score = models.FloatField(default=1.0)
    # The version in which words that wait for a person changed, where that is an earlier one than this.
    changed_in = models.ForeignKey(
        DocumentVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    # The sentence before that of the claim is another one since an earlier version, and nobody has confirmed the
    # place since.
    before_changed = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(name="anchor_once_a_version", fields=["claim", "document_version"]),
            one_of("anchor_state_known", "state", AnchorState),
            # An orphaned claim has no place in this version; every other claim covers characters.
            models.CheckConstraint(
                name="anchor_start_before_end",
                condition=Q(state="orphaned", start=0, end=0, exact="") | Q(start__lt=F("end")),
            ),
        )
        indexes = (models.Index(name="anchor_waiting", fields=["claim"], condition=Q(state__in=_WAITING)),)
        triggers = (
            # Words of which a record was made stay; a later version of the article gets an anchor of its own.
            Guard(
                name="anchor_signed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                PERFORM 1 FROM annotations_claim c
                    WHERE c.id = OLD.claim_id AND c.state NOT IN {sql_values(SIGNED)} FOR SHARE;
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'the words of a claim are locked while it is in review or verified'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'anchor_signed';
                END IF;
                IF TG_OP = 'DELETE' THEN
                    RETURN OLD;
                END IF;
                IF (NEW.claim_id, NEW.document_version_id)
                    IS DISTINCT FROM (OLD.claim_id, OLD.document_version_id) THEN
                    RAISE EXCEPTION 'an anchor stays with its claim and its text'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'anchor_stays';
                END IF;
                RETURN NEW;
                """,
            ),
            # A claim under a signature is where it was only where the signed words stand.
            Guard(
                name="anchor_of_record",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=_NEW_ROWS,
                declare=[("wrong", "boolean")],
                # Planned each time, as below: thousands of anchors may arrive in one statement.
                func=f"""
                EXECUTE $query$
                    SELECT EXISTS (
                        SELECT 1 FROM new_rows n
                        JOIN annotations_claim c ON c.id = n.claim_id AND c.state IN {sql_values(SIGNED)}
                        CROSS JOIN LATERAL (
                            SELECT r.body::jsonb -> 'words' ->> 'exact' AS exact FROM annotations_signedrecord r
                            WHERE r.claim_id = n.claim_id ORDER BY r.number DESC LIMIT 1
                        ) signed
                        WHERE n.state NOT IN {sql_values(NEEDS_A_PERSON)} AND n.exact IS DISTINCT FROM signed.exact
                            -- Whoever waits since an earlier version waited in it.
                            OR n.changed_in_id IS NOT NULL AND NOT EXISTS (
                                SELECT 1 FROM annotations_anchor a
                                WHERE a.claim_id = n.claim_id AND a.document_version_id = n.changed_in_id
                                    AND a.state IN {sql_values(NEEDS_A_PERSON)}
                            )
                    )
                $query$ INTO wrong;
                IF wrong THEN
                    RAISE EXCEPTION 'other words than those that were signed wait for a person'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'anchor_of_record';
                END IF;
                RETURN NULL;
                """,
            ),
            # Nothing moves silently: the words of the anchor are those of the text. A transition
            # table belongs to one event, so there are two triggers with the same body.
            Guard(
                name="anchor_exact",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=_NEW_ROWS,
                declare=_VARIABLES,
                func=_WORDS_STAND_THERE,
            ),
            Guard(
                name="anchor_exact_on_change",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                referencing=_NEW_ROWS,
                declare=_VARIABLES,
                func=_WORDS_STAND_THERE,
            ),
        )

    def __str__(self) -> str:
        return f"{self.claim_id} in {self.document_version_id} at {self.start}"
