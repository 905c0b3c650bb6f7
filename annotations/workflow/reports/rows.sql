-- Freezes the claims of SELECTION, a query of identifiers, into the rows of one report.
-- A row is made of the record that a second person signed, and of nothing else; live rows only choose and order.
INSERT INTO annotations_reportrow (report_id, position, claim_id, data)
SELECT
    %s,
    row_number() OVER (ORDER BY c.document_id, coalesce((signed.body #>> '{words,start}')::int, 0), c.id),
    c.id,
    jsonb_build_object(
        'claim', c.id::text,
        'anchor', 'claim-' || c.id,
        'record', signed.sha256,
        'statement', signed.body -> 'statement',
        'exact', coalesce(signed.body #> '{words,exact}', '""'),
        'start', coalesce(signed.body #> '{words,start}', '0'),
        'end', coalesce(signed.body #> '{words,end}', '0'),
        'document', (signed.body -> 'article') - 'current_version'
            || jsonb_build_object('id', signed.body #>> '{article,id}'),
        'claimant', signed.body -> 'claimant',
        'said_on', signed.body -> 'said_on',
        'said_where', signed.body -> 'said_where',
        'chosen_because', signed.body -> 'chosen_because',
        'language', signed.body -> 'language',
        'tags', signed.body -> 'tags',
        'rating', (signed.body -> 'rating') - 'tone',
        'reasoning', signed.body #> '{verdict,reasoning}',
        'as_of', signed.body #> '{verdict,as_of}',
        'verdict_number', signed.body #> '{verdict,number}',
        'verdict_by', signed.body #> '{verdict,by,name}',
        'verdict_at', signed.body #> '{verdict,at}',
        'reviewed_by', signed.reviewer_name,
        'reviewed_at', to_char(c.verified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'evidence', (
            SELECT coalesce(jsonb_agg(
                jsonb_build_object(
                    'stance', source -> 'stance',
                    'title', source -> 'title',
                    'site', source -> 'site',
                    'url', source -> 'url',
                    'author', source -> 'author',
                    'published_on', source -> 'published_on',
                    'passage', source -> 'passage',
                    'note', source -> 'note',
                    'fetched_at', source #> '{capture,fetched_at}',
                    'body_sha256', coalesce(source #>> '{capture,body_sha256}', '')
                )
                ORDER BY place
            ), '[]'::jsonb)
            FROM jsonb_array_elements(signed.body -> 'evidence') WITH ORDINALITY AS sources(source, place)
        )
    )
FROM annotations_claim c
JOIN LATERAL (
    SELECT record.body::jsonb AS body, record.sha256, review.reviewer_name
    FROM annotations_signedrecord record
    JOIN annotations_review review ON review.record_id = record.id AND review.decision = 'approved'
    WHERE record.claim_id = c.id
    ORDER BY record.number DESC
    LIMIT 1
) signed ON true
WHERE c.state = 'verified' AND c.id IN (SELECTION)
