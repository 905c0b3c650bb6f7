"""Make every trigger anew, without the switch of django-pgtrigger, and pin where functions look up names."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from annotations.migrations._guard_sql import GuardSql

# The body is parsed now and looks up nothing later.
QUEUE_RANK = """
CREATE OR REPLACE FUNCTION annotations_queue_rank(priority smallint, due_at timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN priority::bigint * 1000000000000
    + coalesce(least(extract(epoch FROM due_at AT TIME ZONE 'UTC')::bigint, 999999999998), 999999999999);
"""

# Every other function of ours. Migrations between the first and this one may have made more.
PIN = """
DO $$
DECLARE
    made regprocedure;
BEGIN
    FOR made IN
        SELECT p.oid FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND starts_with(p.proname, 'annotations_')
            AND p.prosqlbody IS NULL
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, public, pg_temp', made);
    END LOOP;
END
$$;
"""

# The functions of triggers that are gone, and the one that asked for the switch.
CLEAR = """
DO $$
DECLARE
    left_over regprocedure;
BEGIN
    FOR left_over IN
        SELECT p.oid FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace
            AND (starts_with(p.proname, 'pgtrigger_') OR p.proname = '_pgtrigger_should_ignore')
            AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgfoid = p.oid)
    LOOP
        EXECUTE format('DROP FUNCTION %s', left_over);
    END LOOP;
END
$$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0070_kept_words'),
    ]

    operations = [
        migrations.RunSQL(QUEUE_RANK, migrations.RunSQL.noop),
        migrations.RunSQL(PIN, migrations.RunSQL.noop),
        pgtrigger.migrations.RemoveTrigger(
            model_name='activity',
            name='activity_append_only',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='anchor',
            name='anchor_exact',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='anchor',
            name='anchor_exact_on_change',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='anchor',
            name='anchor_signed',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='capture',
            name='capture_append_only',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='claim',
            name='claim_not_deleted',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='claim',
            name='claim_starts',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='claim',
            name='claim_guard',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='claim',
            name='claim_recorded',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='documentversion',
            name='document_version_append_only',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='evidence',
            name='evidence_not_deleted',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='evidence',
            name='evidence_while_workable',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='evidence',
            name='evidence_recorded',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='extraction',
            name='extraction_append_only',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='keptfile',
            name='kept_file_append_only',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='keptwords',
            name='kept_words_append_only',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='keptwords',
            name='kept_words_by_another',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='manifest',
            name='manifest_append_only',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='manifest',
            name='manifest_follows',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='passageplace',
            name='passage_place_append_only',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='proofchain',
            name='proof_chain_not_deleted',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='rating',
            name='rating_append_only',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='report',
            name='report_frozen',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='report',
            name='report_not_deleted',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='reportrow',
            name='report_row_append_only',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='review',
            name='review_append_only',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='review',
            name='review_four_eyes',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='signedrecord',
            name='signed_record_append_only',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='signedrecord',
            name='signed_record_of_rows',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='stamp',
            name='stamp_held',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='stamp',
            name='stamp_not_deleted',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='stampbatch',
            name='stamp_batch_append_only',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='stampleaf',
            name='stamp_leaf_append_only',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='user',
            name='user_maker_kept',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='verdict',
            name='verdict_append_only',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='verdict',
            name='verdict_while_workable',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='watchcheck',
            name='watch_check_append_only',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='activity',
            trigger=pgtrigger.compiler.Trigger(name='activity_append_only', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'activity_append_only';", hash='afff80e18b6d477dc409a9305c5a6747dc4aa137', operation='UPDATE OR DELETE', pgid='pgtrigger_activity_append_only_8c8d1', table='annotations_activity', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='anchor',
            trigger=pgtrigger.compiler.Trigger(name='anchor_signed', sql=GuardSql(func="\n                PERFORM 1 FROM annotations_claim c\n                    WHERE c.id = OLD.claim_id AND c.state NOT IN ('in_review', 'verified') FOR SHARE;\n                IF NOT FOUND THEN\n                    RAISE EXCEPTION 'the words of a claim are locked while it is in review or verified'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'anchor_signed';\n                END IF;\n                IF TG_OP = 'DELETE' THEN\n                    RETURN OLD;\n                END IF;\n                IF (NEW.claim_id, NEW.document_version_id)\n                    IS DISTINCT FROM (OLD.claim_id, OLD.document_version_id) THEN\n                    RAISE EXCEPTION 'an anchor stays with its claim and its text'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'anchor_stays';\n                END IF;\n                RETURN NEW;\n                ", hash='d3d94fb09043fd402fc5d7cb4aa2b82bc6c9ecdb', operation='UPDATE OR DELETE', pgid='pgtrigger_anchor_signed_e4744', table='annotations_anchor', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='anchor',
            trigger=pgtrigger.compiler.Trigger(name='anchor_exact', sql=GuardSql(declare='DECLARE version record; lines text[]; pieces text[]; starts int[]; wrong boolean;', func='\nEXECUTE $query$\n    SELECT EXISTS (\n        SELECT 1 FROM new_rows n\n        JOIN annotations_documentversion v ON v.id = n.document_version_id\n        LEFT JOIN annotations_claim c ON c.id = n.claim_id\n        WHERE n."end" > 0 AND c.document_id IS DISTINCT FROM v.document_id\n    )\n$query$ INTO wrong;\nFOR version IN EXECUTE $query$\n    SELECT v.id, v.text FROM annotations_documentversion v\n    WHERE v.id IN (SELECT n.document_version_id FROM new_rows n WHERE n."end" > 0)\n$query$ LOOP\n    EXIT WHEN wrong;\n    lines := string_to_array(version.text, E\'\\n\');\n    WITH RECURSIVE cut AS (\n        SELECT l.line, 0 AS at,\n            CASE WHEN l.line < cardinality(lines) THEN l.words || E\'\\n\' ELSE l.words END AS piece\n        FROM unnest(lines) WITH ORDINALITY AS l(words, line)\n        UNION ALL\n        SELECT c.line, c.at + h.at,\n            CASE h.at WHEN 0 THEN left(c.piece, c.half) ELSE substr(c.piece, c.half + 1) END\n        FROM (SELECT *, length(piece) / 2 AS half FROM cut) c, LATERAL (VALUES (0), (c.half)) AS h(at)\n        WHERE c.half > 1000\n    )\n    SELECT array_agg(p.piece ORDER BY p.line, p.at), array_agg(p.start ORDER BY p.line, p.at)\n    INTO pieces, starts\n    FROM (\n        SELECT line, at, piece,\n            (sum(length(piece)) OVER (ORDER BY line, at) - length(piece))::int AS start\n        FROM cut WHERE length(piece) / 2 <= 1000\n    ) p;\n    SELECT EXISTS (\n        SELECT 1 FROM (\n            SELECT r.start, r."end", r.exact,\n                width_bucket(r.start, starts) AS first, width_bucket(r."end" - 1, starts) AS last\n            FROM new_rows r WHERE r.document_version_id = version.id AND r."end" > 0\n        ) n\n        WHERE n.exact IS DISTINCT FROM substr(\n            CASE WHEN n.first = n.last THEN pieces[n.first] ELSE (\n                SELECT string_agg(pieces[i], \'\' ORDER BY i) FROM generate_series(n.first, n.last) i\n            ) END,\n            n.start - starts[n.first] + 1, n."end" - n.start\n        )\n    ) INTO wrong;\nEND LOOP;\nIF wrong THEN\n    RAISE EXCEPTION \'the anchor does not cover the words it claims to cover\'\n        USING ERRCODE = \'check_violation\', CONSTRAINT = \'anchor_exact\';\nEND IF;\nRETURN NULL;\n', hash='2cc4f9a11e22076fbdde94673489586a2071fd22', level='STATEMENT', operation='INSERT', pgid='pgtrigger_anchor_exact_01254', referencing='REFERENCING NEW TABLE AS new_rows ', table='annotations_anchor', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='anchor',
            trigger=pgtrigger.compiler.Trigger(name='anchor_exact_on_change', sql=GuardSql(declare='DECLARE version record; lines text[]; pieces text[]; starts int[]; wrong boolean;', func='\nEXECUTE $query$\n    SELECT EXISTS (\n        SELECT 1 FROM new_rows n\n        JOIN annotations_documentversion v ON v.id = n.document_version_id\n        LEFT JOIN annotations_claim c ON c.id = n.claim_id\n        WHERE n."end" > 0 AND c.document_id IS DISTINCT FROM v.document_id\n    )\n$query$ INTO wrong;\nFOR version IN EXECUTE $query$\n    SELECT v.id, v.text FROM annotations_documentversion v\n    WHERE v.id IN (SELECT n.document_version_id FROM new_rows n WHERE n."end" > 0)\n$query$ LOOP\n    EXIT WHEN wrong;\n    lines := string_to_array(version.text, E\'\\n\');\n    WITH RECURSIVE cut AS (\n        SELECT l.line, 0 AS at,\n            CASE WHEN l.line < cardinality(lines) THEN l.words || E\'\\n\' ELSE l.words END AS piece\n        FROM unnest(lines) WITH ORDINALITY AS l(words, line)\n        UNION ALL\n        SELECT c.line, c.at + h.at,\n            CASE h.at WHEN 0 THEN left(c.piece, c.half) ELSE substr(c.piece, c.half + 1) END\n        FROM (SELECT *, length(piece) / 2 AS half FROM cut) c, LATERAL (VALUES (0), (c.half)) AS h(at)\n        WHERE c.half > 1000\n    )\n    SELECT array_agg(p.piece ORDER BY p.line, p.at), array_agg(p.start ORDER BY p.line, p.at)\n    INTO pieces, starts\n    FROM (\n        SELECT line, at, piece,\n            (sum(length(piece)) OVER (ORDER BY line, at) - length(piece))::int AS start\n        FROM cut WHERE length(piece) / 2 <= 1000\n    ) p;\n    SELECT EXISTS (\n        SELECT 1 FROM (\n            SELECT r.start, r."end", r.exact,\n                width_bucket(r.start, starts) AS first, width_bucket(r."end" - 1, starts) AS last\n            FROM new_rows r WHERE r.document_version_id = version.id AND r."end" > 0\n        ) n\n        WHERE n.exact IS DISTINCT FROM substr(\n            CASE WHEN n.first = n.last THEN pieces[n.first] ELSE (\n                SELECT string_agg(pieces[i], \'\' ORDER BY i) FROM generate_series(n.first, n.last) i\n            ) END,\n            n.start - starts[n.first] + 1, n."end" - n.start\n        )\n    ) INTO wrong;\nEND LOOP;\nIF wrong THEN\n    RAISE EXCEPTION \'the anchor does not cover the words it claims to cover\'\n        USING ERRCODE = \'check_violation\', CONSTRAINT = \'anchor_exact\';\nEND IF;\nRETURN NULL;\n', hash='8f69ebfd7cab26df0249a75e6bcc16800a6f5d93', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_anchor_exact_on_change_fa59e', referencing='REFERENCING NEW TABLE AS new_rows ', table='annotations_anchor', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='capture',
            trigger=pgtrigger.compiler.Trigger(name='capture_append_only', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'capture_append_only';", hash='11b4dc9688e092e7676faf6869402d8b31c7b580', operation='UPDATE OR DELETE', pgid='pgtrigger_capture_append_only_38aa1', table='annotations_capture', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='claim',
            trigger=pgtrigger.compiler.Trigger(name='claim_not_deleted', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_not_deleted';", hash='f4f62e59f83b309d0c9d9ff19b086120b0fbb06f', operation='DELETE', pgid='pgtrigger_claim_not_deleted_a124a', table='annotations_claim', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='claim',
            trigger=pgtrigger.compiler.Trigger(name='claim_starts', sql=GuardSql(func="\n        IF EXISTS (\n            SELECT 1 FROM new_rows\n            WHERE state NOT IN ('open', 'proposed') OR verdict_id IS NOT NULL\n                OR contributor_ids <> '{}'\n        ) THEN\n            RAISE EXCEPTION 'a claim starts open or proposed, without a verdict'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_starts_open';\n        END IF;\n        IF EXISTS (\n            SELECT 1 FROM new_rows n JOIN annotations_document d ON d.id = n.document_id\n            WHERE d.desk_id <> n.desk_id\n        ) THEN\n            RAISE EXCEPTION 'a claim is of the desk of its document'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_of_document';\n        END IF;\n        IF EXISTS (SELECT 1 FROM new_rows WHERE origin = 'selected' AND statement_author_ids = '{}') THEN\n            RAISE EXCEPTION 'a claim that a person selected has an author'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_authored';\n        END IF;\n        RETURN NULL;\n        ", hash='80ff0991965c65aa622f45ca7c97d5485ed8cbe7', level='STATEMENT', operation='INSERT', pgid='pgtrigger_claim_starts_85c21', referencing='REFERENCING NEW TABLE AS new_rows ', table='annotations_claim', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='claim',
            trigger=pgtrigger.compiler.Trigger(name='claim_guard', sql=GuardSql(declare='DECLARE contributors bigint[]; decided annotations_review%ROWTYPE;', func="\n        IF NEW.id <> OLD.id OR NEW.desk_id <> OLD.desk_id OR NEW.document_id <> OLD.document_id THEN\n            RAISE EXCEPTION 'a claim keeps its number and stays with its document'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_stays';\n        END IF;\n        IF (\n            NEW.statement, NEW.language, NEW.claimant_name, NEW.claimant_kind, NEW.claimant_role,\n            NEW.said_on, NEW.said_where, NEW.chosen_because, NEW.statement_author_ids\n        ) IS DISTINCT FROM (\n            OLD.statement, OLD.language, OLD.claimant_name, OLD.claimant_kind, OLD.claimant_role,\n            OLD.said_on, OLD.said_where, OLD.chosen_because, OLD.statement_author_ids\n        ) AND OLD.state NOT IN ('open', 'proposed', 'returned') THEN\n            RAISE EXCEPTION 'the wording is locked while a claim is %', OLD.state\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_statement_locked';\n        END IF;\n        IF NOT (NEW.statement_author_ids @> OLD.statement_author_ids) THEN\n            RAISE EXCEPTION 'authors of a statement are never forgotten'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_authors_kept';\n        END IF;\n        IF NEW.verdict_id IS DISTINCT FROM OLD.verdict_id\n            AND OLD.state NOT IN ('open', 'returned') THEN\n            RAISE EXCEPTION 'the verdict is locked while a claim is %', OLD.state\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_verdict_locked';\n        END IF;\n        IF (NEW.verdict_id, NEW.rating_id) IS DISTINCT FROM (OLD.verdict_id, OLD.rating_id) AND NOT EXISTS (\n            SELECT 1 FROM annotations_verdict v\n            WHERE v.id = NEW.verdict_id AND v.claim_id = NEW.id AND v.rating_id = NEW.rating_id\n        ) THEN\n            RAISE EXCEPTION 'the verdict in force is one of this claim, with its rating'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_verdict_own';\n        END IF;\n        IF (NEW.submitted_by_id, NEW.submitted_at) IS DISTINCT FROM (OLD.submitted_by_id, OLD.submitted_at)\n            AND (OLD.state = 'in_review' OR NEW.state <> 'in_review') THEN\n            RAISE EXCEPTION 'who submitted a claim and when stays as it is'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_submission_kept';\n        END IF;\n        IF NEW.state IS NOT DISTINCT FROM OLD.state THEN\n            IF (NEW.verified_by_id, NEW.verified_at) IS DISTINCT FROM (OLD.verified_by_id, OLD.verified_at) THEN\n                RAISE EXCEPTION 'who signed a claim off stays as it is'\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_signature_kept';\n            END IF;\n            -- Whose copy of a page was read during the review counts too.\n            NEW.contributor_ids := CASE WHEN NEW.state = 'in_review' THEN annotations_contributors(\n                NEW.id, NEW.verdict_id, NEW.statement_author_ids || NEW.submitted_by_id\n            ) ELSE OLD.contributor_ids END;\n            RETURN NEW;\n        END IF;\n        IF (OLD.state, NEW.state) NOT IN (\n    ('dismissed', 'open'),\n    ('in_review', 'open'),\n    ('in_review', 'returned'),\n    ('in_review', 'verified'),\n    ('open', 'dismissed'),\n    ('open', 'in_review'),\n    ('proposed', 'dismissed'),\n    ('proposed', 'open'),\n    ('returned', 'dismissed'),\n    ('returned', 'in_review'),\n    ('verified', 'open')\n) THEN\n            RAISE EXCEPTION 'a claim does not go from % to %', OLD.state, NEW.state\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_move_known';\n        END IF;\n        contributors := annotations_contributors(\n            NEW.id, NEW.verdict_id, NEW.statement_author_ids || NEW.submitted_by_id\n        );\n        IF NEW.state = 'in_review' AND EXISTS (\n            SELECT 1 FROM annotations_rating r WHERE r.id = NEW.rating_id AND r.needs_evidence\n        ) AND NOT EXISTS (\n            SELECT 1 FROM annotations_evidence e WHERE e.claim_id = NEW.id AND e.withdrawn_at IS NULL\n        ) THEN\n            RAISE EXCEPTION 'this rating rests on sources, and the claim has none'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_submission_whole';\n        END IF;\n        IF NEW.state IN ('verified', 'returned') THEN\n            SELECT * INTO decided FROM annotations_review r\n            WHERE r.claim_id = NEW.id AND r.record_id = (\n                SELECT k.id FROM annotations_signedrecord k\n                WHERE k.claim_id = NEW.id ORDER BY k.number DESC LIMIT 1\n            );\n        END IF;\n        IF NEW.state = 'returned' AND decided.decision IS DISTINCT FROM 'returned' THEN\n            RAISE EXCEPTION 'a claim is returned by the decision of a second person only'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_returned_by_review';\n        END IF;\n        IF NEW.state = 'verified' AND (\n            NEW.verified_by_id = ANY (contributors)\n            OR decided.decision IS DISTINCT FROM 'approved'\n            OR decided.reviewer_id IS DISTINCT FROM NEW.verified_by_id\n        ) THEN\n            RAISE EXCEPTION 'a claim is verified by the approval of a second person only'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_four_eyes';\n        END IF;\n        NEW.contributor_ids := CASE WHEN NEW.state IN ('in_review', 'verified')\n            THEN contributors ELSE '{}' END;\n        RETURN NEW;\n        ", hash='f0a4ce9d1456c28d58373b6ffaf28a721a5500d3', operation='UPDATE', pgid='pgtrigger_claim_guard_27082', table='annotations_claim', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='claim',
            trigger=pgtrigger.compiler.Trigger(name='claim_recorded', sql=GuardSql(condition='WHEN (NEW."state" = \'in_review\' AND NOT (OLD."state" = \'in_review\'))', func="\n        INSERT INTO annotations_signedrecord (claim_id, number, cause, body, sha256, hand_ids)\n        VALUES (NEW.id, 0, 'submitted', '', '', '{}');\n        RETURN NULL;\n        ", hash='7384ac730d1622f4f4c3b12a6298a906dacc4b18', operation='UPDATE', pgid='pgtrigger_claim_recorded_b0620', table='annotations_claim', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='documentversion',
            trigger=pgtrigger.compiler.Trigger(name='document_version_append_only', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'document_version_append_only';", hash='89a563dd57474909ed7394fac66a1bcf2ed35058', operation='UPDATE OR DELETE', pgid='pgtrigger_document_version_append_only_fe94b', table='annotations_documentversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='evidence',
            trigger=pgtrigger.compiler.Trigger(name='evidence_not_deleted', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_not_deleted';", hash='dbd38e1837e61bb2522b5a118c870801a8298586', operation='DELETE', pgid='pgtrigger_evidence_not_deleted_978f7', table='annotations_evidence', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='evidence',
            trigger=pgtrigger.compiler.Trigger(name='evidence_while_workable', sql=GuardSql(func="\n                IF TG_OP = 'UPDATE' THEN\n                    IF NEW.claim_id <> OLD.claim_id OR NEW.reference_id <> OLD.reference_id\n                        OR NOT (NEW.author_ids @> OLD.author_ids) THEN\n                        RAISE EXCEPTION 'evidence stays with its claim, its reference and its authors'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_stays';\n                    END IF;\n                    -- A fetch that lands later pins its capture and finds the passage in it; the words stay.\n                    IF OLD.capture_id IS NULL AND NEW.stance = OLD.stance AND NEW.passage = OLD.passage\n                        AND NEW.note = OLD.note AND NEW.url_given = OLD.url_given\n                        AND NEW.author_ids = OLD.author_ids AND NEW.version = OLD.version\n                        AND NEW.withdrawn_at IS NOT DISTINCT FROM OLD.withdrawn_at\n                        AND EXISTS (\n                            SELECT 1 FROM annotations_claim c\n                            WHERE c.id = NEW.claim_id AND c.state <> 'verified'\n                        ) THEN\n                        RETURN NEW;\n                    END IF;\n                END IF;\n                IF NEW.author_ids = '{}' THEN\n                    RAISE EXCEPTION 'evidence has an author'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_authored';\n                END IF;\n                PERFORM 1 FROM annotations_claim c\n                    WHERE c.id = NEW.claim_id AND c.state IN ('open', 'returned') FOR SHARE;\n                IF NOT FOUND THEN\n                    RAISE EXCEPTION 'evidence changes only while the claim is to be checked'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_while_workable';\n                END IF;\n                RETURN NEW;\n                ", hash='9da66e781c9653dcc78a436eec0e471de64507f5', operation='INSERT OR UPDATE', pgid='pgtrigger_evidence_while_workable_da952', table='annotations_evidence', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='evidence',
            trigger=pgtrigger.compiler.Trigger(name='evidence_recorded', sql=GuardSql(condition='WHEN (OLD.capture_id IS NULL AND NEW.capture_id IS NOT NULL)', func="\n                INSERT INTO annotations_signedrecord (claim_id, number, cause, body, sha256, hand_ids)\n                SELECT c.id, 0, 'read', '', '', '{}' FROM annotations_claim c\n                WHERE c.id = NEW.claim_id AND c.state = 'in_review';\n                -- The guard on claims works out again whose hands are in it.\n                UPDATE annotations_claim SET contributor_ids = contributor_ids\n                WHERE id = NEW.claim_id AND state = 'in_review';\n                RETURN NULL;\n                ", hash='649d0a87facc425011dc254475e9fcd558615192', operation='UPDATE', pgid='pgtrigger_evidence_recorded_1c65e', table='annotations_evidence', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='extraction',
            trigger=pgtrigger.compiler.Trigger(name='extraction_append_only', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'extraction_append_only';", hash='28165128b3f1129a112837014ec939a30799f341', operation='UPDATE OR DELETE', pgid='pgtrigger_extraction_append_only_e0ae9', table='annotations_extraction', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='keptfile',
            trigger=pgtrigger.compiler.Trigger(name='kept_file_append_only', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'kept_file_append_only';", hash='66fc6863f5c94c1e426e8c5a1b8fc009fb110535', operation='UPDATE OR DELETE', pgid='pgtrigger_kept_file_append_only_a3e5d', table='annotations_keptfile', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='keptwords',
            trigger=pgtrigger.compiler.Trigger(name='kept_words_append_only', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'kept_words_append_only';", hash='b4b3db3be594b1a03f0a59a41179d15279b26c5b', operation='UPDATE OR DELETE', pgid='pgtrigger_kept_words_append_only_427a4', table='annotations_keptwords', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='keptwords',
            trigger=pgtrigger.compiler.Trigger(name='kept_words_by_another', sql=GuardSql(declare='DECLARE subject annotations_claim%ROWTYPE; signed annotations_signedrecord%ROWTYPE;', func="\n                SELECT * INTO subject FROM annotations_claim c WHERE c.id = NEW.claim_id FOR NO KEY UPDATE;\n                SELECT * INTO signed FROM annotations_signedrecord r\n                    WHERE r.claim_id = NEW.claim_id ORDER BY r.number DESC LIMIT 1;\n                IF subject.state NOT IN ('in_review', 'verified') OR NEW.record_id IS DISTINCT FROM signed.id THEN\n                    RAISE EXCEPTION 'words are kept for the record in force of a claim in review or verified'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'kept_words_of_record';\n                END IF;\n                IF NEW.kept_by_id = ANY (signed.hand_ids) THEN\n                    RAISE EXCEPTION 'nobody whose hand is in a record keeps its words'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'kept_words_four_eyes';\n                END IF;\n                IF NOT EXISTS (\n                    SELECT 1 FROM annotations_document d\n                    WHERE d.id = subject.document_id AND d.current_version_id = NEW.document_version_id\n                ) THEN\n                    RAISE EXCEPTION 'words are kept in view of the current version of the article'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'kept_words_current';\n                END IF;\n                NEW.created_at := clock_timestamp();\n                RETURN NEW;\n                ", hash='5c0e627b3ba4d991c6909977fb0a1347e2238390', operation='INSERT', pgid='pgtrigger_kept_words_by_another_fea5f', table='annotations_keptwords', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='manifest',
            trigger=pgtrigger.compiler.Trigger(name='manifest_append_only', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'manifest_append_only';", hash='b78faf574e179a3d9c7a19f9ff362ce56e5aa993', operation='UPDATE OR DELETE', pgid='pgtrigger_manifest_append_only_4392f', table='annotations_manifest', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='manifest',
            trigger=pgtrigger.compiler.Trigger(name='manifest_follows', sql=GuardSql(func="\n                IF NEW.number = 1 AND NEW.previous_sha256 = '' THEN\n                    RETURN NEW;\n                END IF;\n                PERFORM 1 FROM annotations_manifest m\n                    WHERE m.desk_id = NEW.desk_id AND m.number = NEW.number - 1\n                        AND m.sha256 = NEW.previous_sha256;\n                IF NOT FOUND THEN\n                    RAISE EXCEPTION 'a manifest follows the last one of its desk'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'manifest_follows';\n                END IF;\n                RETURN NEW;\n                ", hash='6a959338db73545cae4dffb8611dc32ffb43313e', operation='INSERT', pgid='pgtrigger_manifest_follows_147fc', table='annotations_manifest', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='passageplace',
            trigger=pgtrigger.compiler.Trigger(name='passage_place_append_only', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'passage_place_append_only';", hash='c27d158d2d0d10dbbbf1786f0d5834178bd0bbe1', operation='UPDATE OR DELETE', pgid='pgtrigger_passage_place_append_only_eabf3', table='annotations_passageplace', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='proofchain',
            trigger=pgtrigger.compiler.Trigger(name='proof_chain_not_deleted', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'proof_chain_not_deleted';", hash='931edc89246d3cec689332cce6136426b1f5ddde', operation='DELETE', pgid='pgtrigger_proof_chain_not_deleted_9bf76', table='annotations_proofchain', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rating',
            trigger=pgtrigger.compiler.Trigger(name='rating_append_only', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'rating_append_only';", hash='9b0638c96bd6f7a64662bbdfb2dbf059013bedf6', operation='UPDATE OR DELETE', pgid='pgtrigger_rating_append_only_89208', table='annotations_rating', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='report',
            trigger=pgtrigger.compiler.Trigger(name='report_frozen', sql=GuardSql(condition='WHEN (OLD."state" = \'ready\')', func="RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'report_frozen';", hash='254c5b30666748b9827b53a5e2b50356d7a5a3df', operation='UPDATE', pgid='pgtrigger_report_frozen_d357b', table='annotations_report', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='report',
            trigger=pgtrigger.compiler.Trigger(name='report_not_deleted', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'report_not_deleted';", hash='ed008885e052f6cfef8c7f533a1b3a0202ccaaa2', operation='DELETE', pgid='pgtrigger_report_not_deleted_16700', table='annotations_report', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportrow',
            trigger=pgtrigger.compiler.Trigger(name='report_row_append_only', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'report_row_append_only';", hash='92a10dbf33e3ece87d1ae1a08371b286cc3f5117', operation='UPDATE OR DELETE', pgid='pgtrigger_report_row_append_only_cd404', table='annotations_reportrow', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='review_append_only', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'review_append_only';", hash='78712a54048e4ec1c7830d422a66e07b51187bf2', operation='UPDATE OR DELETE', pgid='pgtrigger_review_append_only_056a4', table='annotations_review', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='review_four_eyes', sql=GuardSql(declare='DECLARE subject annotations_claim%ROWTYPE; in_force annotations_signedrecord%ROWTYPE;', func="\n                SELECT * INTO subject FROM annotations_claim c WHERE c.id = NEW.claim_id FOR SHARE;\n                SELECT * INTO in_force FROM annotations_signedrecord r\n                    WHERE r.claim_id = NEW.claim_id ORDER BY r.number DESC LIMIT 1;\n                IF NEW.record_id IS DISTINCT FROM in_force.id THEN\n                    RAISE EXCEPTION 'a review decides the record in force'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'review_of_record';\n                END IF;\n                IF subject.state <> 'in_review' OR subject.verdict_id <> NEW.verdict_id\n                    OR subject.submitted_at <> NEW.submitted_at THEN\n                    RAISE EXCEPTION 'a review decides the verdict in force of a claim in review'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'review_of_submission';\n                END IF;\n                IF NEW.reviewer_id = ANY (\n                    in_force.hand_ids || annotations_contributors(\n                        subject.id, subject.verdict_id, subject.statement_author_ids || subject.submitted_by_id\n                    )\n                ) THEN\n                    RAISE EXCEPTION 'nobody reviews what they wrote'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'review_four_eyes';\n                END IF;\n                NEW.reviewer_name := annotations_record_person(NEW.reviewer_id) ->> 'name';\n                RETURN NEW;\n                ", hash='b10f17248f4f368013d04371e358c6a5255c0b04', operation='INSERT', pgid='pgtrigger_review_four_eyes_9d839', table='annotations_review', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signedrecord',
            trigger=pgtrigger.compiler.Trigger(name='signed_record_append_only', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'signed_record_append_only';", hash='523e561e1bcd2e4f786723877ae836e042b9012a', operation='UPDATE OR DELETE', pgid='pgtrigger_signed_record_append_only_209c6', table='annotations_signedrecord', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signedrecord',
            trigger=pgtrigger.compiler.Trigger(name='signed_record_of_rows', sql=GuardSql(declare='DECLARE subject annotations_claim%ROWTYPE;', func="\n                SELECT * INTO subject FROM annotations_claim c WHERE c.id = NEW.claim_id FOR NO KEY UPDATE;\n                -- A version that is just being added is waited for, and then it is the current one.\n                PERFORM 1 FROM annotations_document d WHERE d.id = subject.document_id FOR KEY SHARE;\n                IF subject.state IS DISTINCT FROM 'in_review' THEN\n                    RAISE EXCEPTION 'a record is made of a claim in review'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'signed_record_in_review';\n                END IF;\n                NEW.number := 1 + coalesce(\n                    (SELECT max(r.number) FROM annotations_signedrecord r WHERE r.claim_id = NEW.claim_id), 0\n                );\n                NEW.body := (annotations_record(NEW.claim_id) || jsonb_build_object('cause', NEW.cause))::text;\n                NEW.sha256 := encode(sha256(convert_to(NEW.body, 'UTF8')), 'hex');\n                NEW.hand_ids := annotations_contributors(\n                    subject.id, subject.verdict_id, subject.statement_author_ids || subject.submitted_by_id\n                );\n                NEW.created_at := clock_timestamp();\n                RETURN NEW;\n                ", hash='dec9e6fdd0b8c498a907c24b7dcc72ce59c078fc', operation='INSERT', pgid='pgtrigger_signed_record_of_rows_fa736', table='annotations_signedrecord', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stamp',
            trigger=pgtrigger.compiler.Trigger(name='stamp_held', sql=GuardSql(condition='WHEN (OLD."state" = \'held\')', func="RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'stamp_held';", hash='6e8efe55fd34046c0df8d3e28c8cc9dcd986e53b', operation='UPDATE', pgid='pgtrigger_stamp_held_bd9cd', table='annotations_stamp', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stamp',
            trigger=pgtrigger.compiler.Trigger(name='stamp_not_deleted', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'stamp_not_deleted';", hash='047d2052eb6d92175901edb83f82bd48e4e03226', operation='DELETE', pgid='pgtrigger_stamp_not_deleted_1e380', table='annotations_stamp', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stampbatch',
            trigger=pgtrigger.compiler.Trigger(name='stamp_batch_append_only', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'stamp_batch_append_only';", hash='05b20575fa182c657fab0bf26a231b3eb397aaed', operation='UPDATE OR DELETE', pgid='pgtrigger_stamp_batch_append_only_89108', table='annotations_stampbatch', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stampleaf',
            trigger=pgtrigger.compiler.Trigger(name='stamp_leaf_append_only', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'stamp_leaf_append_only';", hash='29347bcc9d816ee805fd9d79a08ced3f5c30b6b2', operation='UPDATE OR DELETE', pgid='pgtrigger_stamp_leaf_append_only_bcd71', table='annotations_stampleaf', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='user_maker_kept', sql=GuardSql(func="\n                IF NEW.made_by_id IS DISTINCT FROM OLD.made_by_id\n                    OR NEW.made_by_desk_id IS DISTINCT FROM OLD.made_by_desk_id THEN\n                    RAISE EXCEPTION 'who made an account is written once'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'user_maker_kept';\n                END IF;\n                RETURN NEW;\n                ", hash='c43933526f4e3127d515bf2047140f53c4cc332f', operation='UPDATE', pgid='pgtrigger_user_maker_kept_9242e', table='annotations_user', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='verdict',
            trigger=pgtrigger.compiler.Trigger(name='verdict_append_only', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_append_only';", hash='57a675cbce459c5f5caf08d1efefd5a5a033689d', operation='UPDATE OR DELETE', pgid='pgtrigger_verdict_append_only_08d94', table='annotations_verdict', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='verdict',
            trigger=pgtrigger.compiler.Trigger(name='verdict_while_workable', sql=GuardSql(func="\n                PERFORM 1 FROM annotations_claim c\n                    WHERE c.id = NEW.claim_id AND c.state IN ('open', 'returned') FOR SHARE;\n                IF NOT FOUND THEN\n                    RAISE EXCEPTION 'a verdict is given only while the claim is to be checked'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_while_workable';\n                END IF;\n                RETURN NEW;\n                ", hash='5dab66f407140eca4c2832c4ab85156d312168a4', operation='INSERT', pgid='pgtrigger_verdict_while_workable_304a8', table='annotations_verdict', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='watchcheck',
            trigger=pgtrigger.compiler.Trigger(name='watch_check_append_only', sql=GuardSql(func="RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'watch_check_append_only';", hash='9a306438085a8b8d59366ff7c7bdfd54f9f77218', operation='UPDATE OR DELETE', pgid='pgtrigger_watch_check_append_only_7f491', table='annotations_watchcheck', when='BEFORE')),
        ),
        migrations.RunSQL(CLEAR, migrations.RunSQL.noop),
    ]
