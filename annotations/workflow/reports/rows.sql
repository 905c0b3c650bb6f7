-- Freezes the claims of SELECTION, a query of identifiers, into the rows of one report.
-- The words are those that were reviewed: in the newest version of the article at the time of the submission, or,
-- if they were gone from it, in the newest one before it. A later version never changes what was signed.
INSERT INTO annotations_reportrow (report_id, position, claim_id, data)
SELECT
    %s,
    row_number() OVER (ORDER BY c.document_id, a.start, c.id),
    c.id,
    jsonb_build_object(
        'claim', c.id::text,
        'anchor', 'claim-' || c.id,
        'statement', c.statement,
        'exact', coalesce(a.exact, ''),
        'start', coalesce(a.start, 0),
        'end', coalesce(a."end", 0),
        'document', jsonb_build_object(
            'id', d.id::text,
            'title', d.title,
            'url', d.url,
            'outlet', d.outlet,
            'author', d.author,
            'published_on', d.published_on,
            'version', coalesce(a.number, current.number),
            'sha256', coalesce(a.sha256, current.sha256)
        ),
        'claimant', jsonb_build_object(
            'name', c.claimant_name, 'kind', c.claimant_kind, 'role', c.claimant_role
        ),
        'said_on', c.said_on,
        'said_where', c.said_where,
        'chosen_because', c.chosen_because,
        'language', c.language,
        'tags', to_jsonb(c.tags),
        'rating', r.data,
        'reasoning', v.reasoning,
        'as_of', v.as_of,
        'verdict_number', v.number,
        'verdict_by', coalesce(
            nullif(trim(checker.first_name || ' ' || checker.last_name), ''), checker.username
        ),
        'verdict_at', to_char(v.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'reviewed_by', coalesce(
            nullif(trim(second.first_name || ' ' || second.last_name), ''), second.username
        ),
        'reviewed_at', to_char(c.verified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'evidence', coalesce(sources.data, '[]'::jsonb)
    )
FROM annotations_claim c
JOIN annotations_document d ON d.id = c.document_id
JOIN annotations_documentversion current ON current.id = d.current_version_id
JOIN annotations_verdict v ON v.id = c.verdict_id
JOIN annotations_user checker ON checker.id = v.created_by_id
JOIN annotations_user second ON second.id = c.verified_by_id
JOIN (
    SELECT
        rating.id,
        jsonb_build_object(
            'scale', scale.name,
            'scale_version', scale.number,
            'slug', rating.slug,
            'label', rating.label,
            'definition', rating.definition,
            'position', rating.position,
            'ordered', ordered.yes,
            'value', CASE WHEN ordered.yes THEN rating.value END,
            'best', CASE WHEN ordered.yes THEN ends.best END,
            'worst', CASE WHEN ordered.yes THEN ends.worst END
        ) AS data
    FROM annotations_rating rating
    JOIN annotations_ratingscale scale ON scale.id = rating.scale_id
    JOIN (
        SELECT scale_id, min(value) AS worst, max(value) AS best FROM annotations_rating GROUP BY scale_id
    ) ends ON ends.scale_id = rating.scale_id
    CROSS JOIN LATERAL (
        SELECT rating.value IS NOT NULL AND ends.worst < ends.best AS yes
    ) ordered
) r ON r.id = v.rating_id
LEFT JOIN LATERAL (
    SELECT anchor.exact, anchor.start, anchor."end", version.number, version.sha256
    FROM annotations_anchor anchor
    JOIN annotations_documentversion version ON version.id = anchor.document_version_id
    WHERE anchor.claim_id = c.id AND anchor.state <> 'orphaned' AND version.created_at <= c.submitted_at
    ORDER BY version.number DESC
    LIMIT 1
) a ON true
LEFT JOIN LATERAL (
    SELECT jsonb_agg(
        jsonb_build_object(
            'stance', e.stance,
            'title', coalesce(nullif(k.title, ''), nullif(s.title, ''), nullif(k.filename, ''), ''),
            'site', coalesce(nullif(k.site, ''), s.site),
            'url', CASE WHEN s.is_file THEN '' ELSE coalesce(nullif(e.url_given, ''), s.url) END,
            'author', coalesce(nullif(k.author, ''), s.author),
            'published_on', coalesce(k.published_on, s.published_on),
            'passage', e.passage,
            'note', e.note,
            'fetched_at', to_char(k.fetched_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
            'body_sha256', coalesce(k.body_sha256, '')
        )
        ORDER BY e.id
    ) AS data
    FROM annotations_evidence e
    JOIN annotations_reference s ON s.id = e.reference_id
    LEFT JOIN annotations_capture k ON k.id = e.capture_id
    WHERE e.claim_id = c.id AND e.withdrawn_at IS NULL
) sources ON true
WHERE c.state = 'verified' AND c.id IN (SELECTION)
