"""What lies in the database beside tables and triggers: SQL functions and a text search configuration.

Each stands here as it is now, for those who read the models that use it. A migration creates it from a
copy of its own, because a migration never changes: change a definition here and in a new migration.
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
# made of it, so it must be immutable; that is why the seconds since 1970 are taken of the moment in UTC.
QUEUE_RANK = DatabaseObject(
    "annotations_queue_rank",
    """
CREATE OR REPLACE FUNCTION annotations_queue_rank(priority smallint, due_at timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT priority::bigint * 1000000000000
        + coalesce(least(extract(epoch FROM due_at AT TIME ZONE 'UTC')::bigint, 999999999998), 999999999999)
$$;
""",
)

# Who may not review a claim: the authors of its statement, the author of `verdict`, and the authors of all
# evidence that is not withdrawn. The triggers pass whoever submitted the claim among `statement_authors`.
# Both triggers of the four-eyes rule ask it: `claim_guard` on claims and `review_four_eyes` on reviews. It
# reads the rows that hold at that moment, so there is no list that someone could forget to keep. It is
# plpgsql because the first migration creates it before the tables that it reads.
CONTRIBUTORS = DatabaseObject(
    "annotations_contributors",
    """
CREATE OR REPLACE FUNCTION annotations_contributors(claim bigint, verdict bigint, statement_authors bigint[])
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

FUNCTIONS = (QUEUE_RANK, CONTRIBUTORS)
