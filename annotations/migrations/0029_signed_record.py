"""Put on record what reviewers judge: one row a submission, built by the database.

The triggers that keep it follow in the next migration: a table whose rows were just changed takes none.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.lookups
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


CONTRIBUTORS = """
CREATE OR REPLACE FUNCTION annotations_contributors(claim bigint, verdict bigint, statement_authors bigint[])
RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
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
        ORDER BY 1
    );
END
$$;
"""

RECORD_PERSON = """
CREATE OR REPLACE FUNCTION annotations_record_person(person bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
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
"""

RECORD = """
CREATE OR REPLACE FUNCTION annotations_record(claim bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
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
                'sha256', coalesce(a.sha256, current.sha256)
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
                AND version.created_at <= c.submitted_at
            ORDER BY version.number DESC
            LIMIT 1
        ) a ON true
        LEFT JOIN LATERAL (
            SELECT jsonb_agg(
                jsonb_build_object(
                    'id', e.id,
                    'stance', e.stance,
                    'title', coalesce(nullif(k.title, ''), nullif(s.title, ''), nullif(k.filename, ''), ''),
                    'site', coalesce(nullif(k.site, ''), s.site),
                    'url', CASE WHEN s.is_file THEN '' ELSE coalesce(nullif(e.url_given, ''), s.url) END,
                    'author', coalesce(nullif(k.author, ''), s.author),
                    'published_on', coalesce(k.published_on, s.published_on),
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
"""

# What is in review or verified gets a record of what can be known today, which says that it was made now.
FILL = """
INSERT INTO annotations_signedrecord (claim_id, number, cause, body, sha256, hand_ids, created_at)
SELECT c.id, 1, 'upgraded', b.body, encode(sha256(convert_to(b.body, 'UTF8')), 'hex'),
    annotations_contributors(c.id, c.verdict_id, c.statement_author_ids || c.submitted_by_id),
    clock_timestamp()
FROM annotations_claim c
CROSS JOIN LATERAL (
    SELECT (annotations_record(c.id) || jsonb_build_object('cause', 'upgraded'))::text AS body
) b
WHERE c.state IN ('in_review', 'verified');
UPDATE annotations_review r SET reviewer_name = annotations_record_person(r.reviewer_id) ->> 'name';
UPDATE annotations_review r SET record_id = k.id
FROM annotations_signedrecord k JOIN annotations_claim c ON c.id = k.claim_id
WHERE c.state = 'verified' AND r.claim_id = c.id AND r.submitted_at = c.submitted_at
    AND r.decision = 'approved';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0028_keep_claim_numbers'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='claim',
            name='claim_guard',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='evidence',
            name='evidence_while_workable',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='review',
            name='review_four_eyes',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='review',
            name='review_append_only',
        ),
        migrations.RunSQL(CONTRIBUTORS, migrations.RunSQL.noop),
        migrations.RunSQL(RECORD_PERSON, migrations.RunSQL.noop),
        migrations.RunSQL(RECORD, migrations.RunSQL.noop),
        migrations.CreateModel(
            name='SignedRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(default=0)),
                ('cause', models.CharField(choices=[('submitted', 'Submitted'), ('read', 'Read'), ('upgraded', 'Upgraded')], max_length=12)),
                ('body', models.TextField(blank=True)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('hand_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddField(
            model_name='review',
            name='reviewer_name',
            field=models.CharField(blank=True, max_length=310),
        ),
        migrations.AddField(
            model_name='signedrecord',
            name='claim',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='records', to='annotations.claim'),
        ),
        migrations.AddField(
            model_name='review',
            name='record',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='annotations.signedrecord'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(fields=('record',), name='review_once_a_record'),
        ),
        migrations.AddConstraint(
            model_name='signedrecord',
            constraint=models.CheckConstraint(condition=models.Q(('cause__in', ['submitted', 'read', 'upgraded'])), name='signed_record_cause_known'),
        ),
        migrations.AddConstraint(
            model_name='signedrecord',
            constraint=models.UniqueConstraint(fields=('claim', 'number'), name='signed_record_number_unique'),
        ),
        migrations.AddConstraint(
            model_name='signedrecord',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='signed_record_numbered'),
        ),
        migrations.AddConstraint(
            model_name='signedrecord',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.Exact(models.F('sha256'), models.Func(models.Func(models.Func(models.F('body'), models.Value('UTF8'), function='convert_to'), function='sha256'), models.Value('hex'), function='encode', output_field=models.CharField())), name='signed_record_hash'),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
