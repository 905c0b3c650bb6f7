"""What the tables lean on: extensions, a search configuration and two functions."""

from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

SEARCH = """
CREATE TEXT SEARCH CONFIGURATION annotations_search (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION annotations_search
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple;
"""

# Priority first, then due date; no due date comes last within a priority. Immutable, since a stored
# column is generated from it: the epoch is taken of the moment in UTC.
QUEUE_RANK = """
CREATE FUNCTION annotations_queue_rank(priority smallint, due_at timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT priority::bigint * 1000000000000
        + coalesce(least(extract(epoch FROM due_at AT TIME ZONE 'UTC')::bigint, 999999999998), 999999999999)
$$;
"""

# Whose words stand in force on a claim: the statement's, the verdict's and the live evidence's authors.
# plpgsql, so that it may be created before the tables it reads.
CONTRIBUTORS = """
CREATE FUNCTION annotations_contributors(claim bigint, verdict bigint, statement_authors bigint[])
RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY(
        SELECT unnest(statement_authors)
        UNION SELECT v.created_by_id FROM annotations_verdict v WHERE v.id = verdict
        UNION SELECT unnest(e.author_ids) FROM annotations_evidence e
            WHERE e.claim_id = claim AND e.withdrawn_at IS NULL
        ORDER BY 1
    );
END
$$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        BtreeGinExtension(),
        migrations.RunSQL(SEARCH, "DROP TEXT SEARCH CONFIGURATION annotations_search"),
        migrations.RunSQL(QUEUE_RANK, "DROP FUNCTION annotations_queue_rank(smallint, timestamptz)"),
        migrations.RunSQL(CONTRIBUTORS, "DROP FUNCTION annotations_contributors(bigint, bigint, bigint[])"),
    ]
