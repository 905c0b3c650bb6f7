"""Why a claim was proposed: from English phrases to codes, each with the words that show it."""

import django.contrib.postgres.fields
import django.db.models.lookups
from django.db import migrations, models

# What stood before the words in a phrase. A phrase that begins with none of these is kept whole as `other`,
# and what two phrases of one claim say under the same code is joined, so that no row loses anything.
_LABELS = """(VALUES
    (1, 'office', 'a change of office'),
    (2, 'percentage', 'a percentage'),
    (3, 'money', 'an amount of money'),
    (4, 'figure', 'a figure'),
    (5, 'utterance', 'an utterance with a speaker'),
    (6, 'act', 'a reported act'),
    (7, 'comparison', 'a comparison'),
    (8, 'date', 'a date or time'),
    (9, 'name', 'a name')
)"""

# The column is rewritten in one pass: an update of each row would run the triggers of a claim for it.
CODES = f"""
CREATE FUNCTION annotations_reasons(phrases varchar[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(code, shown), '{{}}') FROM (
        SELECT coalesce(known.code, 'other') AS code, coalesce(string_agg(
            nullif(substr(given.phrase, coalesce(length(known.label) + 3, 1)), ''), ' · ' ORDER BY given.place
        ), '') AS shown
        FROM unnest(phrases) WITH ORDINALITY AS given (phrase, place)
        LEFT JOIN {_LABELS} AS known (place, code, label)
            ON given.phrase = known.label OR starts_with(given.phrase, known.label || ': ')
        WHERE given.phrase <> ''
        GROUP BY 1
    ) AS reason
$$;
ALTER TABLE annotations_claim ALTER COLUMN score_reasons TYPE jsonb USING annotations_reasons(score_reasons);
DROP FUNCTION annotations_reasons(varchar[]);
"""
PHRASES = f"""
CREATE FUNCTION annotations_reasons(reasons jsonb) RETURNS varchar[] LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_agg(
        left(concat_ws(': ', known.label, nullif(given.shown, '')), 200)
        ORDER BY known.place NULLS LAST
    ), '{{}}')
    FROM jsonb_each_text(reasons) AS given (code, shown)
    LEFT JOIN {_LABELS} AS known (place, code, label) ON known.code = given.code
$$;
ALTER TABLE annotations_claim
    ALTER COLUMN score_reasons TYPE varchar(200)[] USING annotations_reasons(score_reasons);
DROP FUNCTION annotations_reasons(jsonb);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0026_know_each_verb'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(CODES, PHRASES)],
            state_operations=[
                migrations.AlterField(
                    model_name='claim',
                    name='score_reasons',
                    field=models.JSONField(default=dict),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.Exact(models.Func(models.F('score_reasons'), models.Value(['office', 'percentage', 'money', 'figure', 'utterance', 'act', 'comparison', 'date', 'name', 'other'], django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)), arg_joiner=' - ', output_field=models.JSONField(), template='%(expressions)s'), models.Value({}, models.JSONField())), name='claim_score_reasons_known'),
        ),
    ]
