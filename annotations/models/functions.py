"""What lies in the database beside tables and triggers: SQL functions and a text search configuration.

Each stands here as it is now, for those who read the models that use it. A migration creates it from a
copy of its own, because a migration never changes: change a definition here and in a new migration.
A function that looks up names while it runs sets `search_path`, so that a temporary table is never read in
place of one of ours.
`tests/models/test_functions.py` holds the migrated database against this module.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class DatabaseObject:
    """Something that a migration creates in the database, and the SQL that creates or replaces it."""

    name: str
    definition: str


# The place of a claim in the queue, as one number that sorts and pages: the priority, and within it the due
# date. A claim without a due date comes last in its priority. The generated column `Claim.queue_rank` is
# made of it, so it must be immutable; that is why the seconds since 1970 are taken of the moment in UTC. Its
# body is parsed once, when it is made, so no search path matters to it, and none is set for each row.
QUEUE_RANK = DatabaseObject(
    "annotations_queue_rank",
    """
CREATE OR REPLACE FUNCTION annotations_queue_rank(priority smallint, due_at timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN priority::bigint * 1000000000000
    + coalesce(least(extract(epoch FROM due_at AT TIME ZONE 'UTC')::bigint, 999999999998), 999999999999);
""",
)

# Whose hand is in what a reviewer judges: the authors of the claim, the author of `verdict`, the authors of
# all evidence in force, whoever uploaded a capture that it rests on, whoever withdrew evidence, and whoever
# gave the article a newer text or corrected its particulars before the submission. The
# triggers pass whoever submitted the claim among `statement_authors`. None of them may review it:
# `claim_guard` on claims and `review_four_eyes` on reviews ask here, and a signed record names them all. It
# reads the rows that hold at that moment, so there is no list that someone could forget to keep. It is
# plpgsql because the first migration creates it before the tables that it reads.
CONTRIBUTORS = DatabaseObject(
    "annotations_contributors",
    """
CREATE OR REPLACE FUNCTION annotations_contributors(claim bigint, verdict bigint, statement_authors bigint[])
RETURNS bigint[] LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN ARRAY(
        SELECT unnest(statement_authors)
        UNION SELECT v.created_by_id FROM annotations_verdict v WHERE v.id = verdict
        UNION SELECT unnest(e.author_ids) FROM annotations_evidence e
            WHERE e.claim_id = claim AND e.withdrawn_at IS NULL
        UNION SELECT k.uploaded_by_id FROM annotations_evidence e
            JOIN annotations_capture k ON k.id = e.capture_id
            WHERE e.claim_id = claim AND e.withdrawn_at IS NULL AND k.uploaded_by_id IS NOT NULL
        UNION SELECT e.withdrawn_by_id FROM annotations_evidence e
            WHERE e.claim_id = claim AND e.withdrawn_at IS NOT NULL
        UNION SELECT l.actor_id FROM annotations_claim c
            JOIN annotations_activity l ON l.document_id = c.document_id AND l.claim_id IS NULL
            WHERE c.id = claim AND l.actor_id IS NOT NULL
                AND (c.state NOT IN ('in_review', 'verified') OR l.at <= c.submitted_at)
                AND l.verb IN ('edited', 'added_version')
        ORDER BY 1
    );
END
$$;
""",
)

# A person as a record names them: with the names of that day.
RECORD_PERSON = DatabaseObject(
    "annotations_record_person",
    """
CREATE OR REPLACE FUNCTION annotations_record_person(person bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'id', u.id,
            'username', u.username,
            'name', coalesce(nullif(trim(u.first_name || ' ' || u.last_name), ''), u.username)
        )
        FROM annotations_user u WHERE u.id = person
    );
END
$$;
""",
)

# All that a reviewer judges about a claim, as it stands at this moment. `annotations.domain.verdicts.records`
# describes the keys. Only the database builds it, so nobody can submit a record that differs from the rows.
RECORD = DatabaseObject(
    "annotations_record",
    """
CREATE OR REPLACE FUNCTION annotations_record(claim bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'format', 1,
            'claim', c.id,
            'statement', c.statement,
            'language', c.language,
            'claimant', jsonb_build_object(
                'name', c.claimant_name, 'kind', c.claimant_kind, 'role', c.claimant_role
            ),
            'said_on', c.said_on,
            'said_where', c.said_where,
            'chosen_because', c.chosen_because,
            'tags', to_jsonb(c.tags),
            'words', CASE WHEN a.id IS NOT NULL THEN jsonb_build_object(
                'exact', a.exact, 'prefix', a.prefix, 'suffix', a.suffix,
                'start', a.start, 'end', a."end", 'state', a.state
            ) END,
            'article', jsonb_build_object(
                'id', d.id, 'title', d.title, 'url', d.url, 'outlet', d.outlet, 'author', d.author,
                'published_on', d.published_on,
                'version', coalesce(a.number, current.number),
                'sha256', coalesce(a.sha256, current.sha256),
                'current_version', current.number
            ),
            'verdict', jsonb_build_object(
                'number', v.number,
                'reasoning', v.reasoning,
                'reason_for_change', v.reason_for_change,
                'as_of', v.as_of,
                'by', annotations_record_person(v.created_by_id),
                'at', to_char(v.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            ),
            'rating', jsonb_build_object(
                'scale', scale.name,
                'scale_version', scale.number,
                'slug', rating.slug,
                'label', rating.label,
                'definition', rating.definition,
                'tone', rating.tone,
                'position', rating.position,
                'ordered', ordered.yes,
                'value', CASE WHEN ordered.yes THEN rating.value END,
                'best', CASE WHEN ordered.yes THEN ends.best END,
                'worst', CASE WHEN ordered.yes THEN ends.worst END
            ),
            'evidence', coalesce(sources.data, '[]'::jsonb),
            'hands', (
                SELECT coalesce(jsonb_agg(annotations_record_person(hand) ORDER BY hand), '[]'::jsonb)
                FROM unnest(annotations_contributors(
                    c.id, c.verdict_id, c.statement_author_ids || c.submitted_by_id
                )) hand
            ),
            'submitted_by', annotations_record_person(c.submitted_by_id),
            'submitted_at', to_char(c.submitted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        )
        FROM annotations_claim c
        JOIN annotations_document d ON d.id = c.document_id
        JOIN annotations_documentversion current ON current.id = d.current_version_id
        JOIN annotations_verdict v ON v.id = c.verdict_id
        JOIN annotations_rating rating ON rating.id = v.rating_id
        JOIN annotations_ratingscale scale ON scale.id = rating.scale_id
        CROSS JOIN LATERAL (
            SELECT min(value) AS worst, max(value) AS best FROM annotations_rating
            WHERE scale_id = rating.scale_id
        ) ends
        CROSS JOIN LATERAL (SELECT rating.value IS NOT NULL AND ends.worst < ends.best AS yes) ordered
        LEFT JOIN LATERAL (
            SELECT anchor.*, version.number, version.sha256
            FROM annotations_anchor anchor
            JOIN annotations_documentversion version ON version.id = anchor.document_version_id
            WHERE anchor.claim_id = c.id AND anchor.state <> 'orphaned'
                AND version.created_at <= c.submitted_at AND version.number <= current.number
            ORDER BY version.number DESC
            LIMIT 1
        ) a ON true
        LEFT JOIN LATERAL (
            SELECT jsonb_agg(
                jsonb_build_object(
                    'id', e.id,
                    'stance', e.stance,
                    'title', coalesce(nullif(k.title, ''), nullif(k.filename, ''), ''),
                    'site', coalesce(nullif(k.site, ''), s.host),
                    'url', CASE WHEN s.is_file THEN '' ELSE coalesce(nullif(e.url_given, ''), s.url) END,
                    'author', coalesce(k.author, ''),
                    'published_on', k.published_on,
                    'passage', e.passage,
                    'passage_start', e.passage_start,
                    'passage_end', e.passage_end,
                    'note', e.note,
                    'authors', to_jsonb(e.author_ids),
                    'capture', CASE WHEN k.id IS NOT NULL THEN jsonb_build_object(
                        'id', k.id,
                        'fetched_at', to_char(
                            k.fetched_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
                        ),
                        'body_sha256', k.body_sha256,
                        'text_sha256', k.text_sha256,
                        'uploaded_by', annotations_record_person(k.uploaded_by_id)
                    ) END,
                    'read', CASE WHEN k.id IS NULL THEN 'never read' ELSE 'read' END
                )
                ORDER BY e.id
            ) AS data
            FROM annotations_evidence e
            JOIN annotations_reference s ON s.id = e.reference_id
            LEFT JOIN annotations_capture k ON k.id = e.capture_id
            WHERE e.claim_id = c.id AND e.withdrawn_at IS NULL
        ) sources ON true
        WHERE c.id = claim
    );
END
$$;
""",
)

# How the words of claims are compared when people search: in lower case and without accents, but neither
# stemmed nor dropped, because claims are in many languages. The index `claim_search` is built with it.
SEARCH = DatabaseObject(
    "annotations_search",
    """
CREATE TEXT SEARCH CONFIGURATION annotations_search (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION annotations_search
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple;
""",
)

FUNCTIONS = (QUEUE_RANK, CONTRIBUTORS, RECORD_PERSON, RECORD)
