"""Allow claims exactly the starts and changes of state of the table, and the rating of their verdict only."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0020_load_faster'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='claim',
            name='claim_starts',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='claim',
            name='claim_guard',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='claim',
            trigger=pgtrigger.compiler.Trigger(name='claim_starts', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                IF EXISTS (\n                    SELECT 1 FROM new_rows\n                    WHERE state NOT IN ('open', 'proposed') OR verdict_id IS NOT NULL\n                        OR contributor_ids <> '{}'\n                ) THEN\n                    RAISE EXCEPTION 'a claim starts open or proposed, without a verdict'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_starts_open';\n                END IF;\n                RETURN NULL;\n                ", hash='0a6c9183b7ed2e6b20b7f7f37ac32ae771b8f306', level='STATEMENT', operation='INSERT', pgid='pgtrigger_claim_starts_85c21', referencing='REFERENCING NEW TABLE AS new_rows ', table='annotations_claim', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='claim',
            trigger=pgtrigger.compiler.Trigger(name='claim_guard', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE contributors bigint[];', func="\n                IF NEW.desk_id <> OLD.desk_id OR NEW.document_id <> OLD.document_id THEN\n                    RAISE EXCEPTION 'a claim stays with its document'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_stays';\n                END IF;\n                IF NEW.statement <> OLD.statement AND OLD.state NOT IN ('open', 'proposed', 'returned') THEN\n                    RAISE EXCEPTION 'the statement is locked while a claim is %', OLD.state\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_statement_locked';\n                END IF;\n                IF NOT (NEW.statement_author_ids @> OLD.statement_author_ids) THEN\n                    RAISE EXCEPTION 'authors of a statement are never forgotten'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_authors_kept';\n                END IF;\n                IF NEW.verdict_id IS DISTINCT FROM OLD.verdict_id\n                    AND OLD.state NOT IN ('open', 'returned') THEN\n                    RAISE EXCEPTION 'the verdict is locked while a claim is %', OLD.state\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_verdict_locked';\n                END IF;\n                IF (NEW.verdict_id, NEW.rating_id) IS DISTINCT FROM (OLD.verdict_id, OLD.rating_id) AND NOT EXISTS (\n                    SELECT 1 FROM annotations_verdict v\n                    WHERE v.id = NEW.verdict_id AND v.claim_id = NEW.id AND v.rating_id = NEW.rating_id\n                ) THEN\n                    RAISE EXCEPTION 'the verdict in force is one of this claim, with its rating'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_verdict_own';\n                END IF;\n                IF NEW.state IS NOT DISTINCT FROM OLD.state THEN\n                    IF NEW.verified_by_id IS DISTINCT FROM OLD.verified_by_id THEN\n                        RAISE EXCEPTION 'who signed a claim off stays as it is'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_signature_kept';\n                    END IF;\n                    NEW.contributor_ids := OLD.contributor_ids;\n                    RETURN NEW;\n                END IF;\n                IF (OLD.state, NEW.state) NOT IN (\n    ('dismissed', 'open'),\n    ('in_review', 'open'),\n    ('in_review', 'returned'),\n    ('in_review', 'verified'),\n    ('open', 'dismissed'),\n    ('open', 'in_review'),\n    ('proposed', 'dismissed'),\n    ('proposed', 'open'),\n    ('returned', 'dismissed'),\n    ('returned', 'in_review'),\n    ('verified', 'open')\n) THEN\n                    RAISE EXCEPTION 'a claim does not go from % to %', OLD.state, NEW.state\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_move_known';\n                END IF;\n                contributors := annotations_contributors(\n                    NEW.id, NEW.verdict_id, NEW.statement_author_ids || NEW.submitted_by_id\n                );\n                IF NEW.state = 'verified' AND (\n                    NEW.verified_by_id = ANY (contributors)\n                    OR NOT EXISTS (\n                        SELECT 1 FROM annotations_review r\n                        WHERE r.claim_id = NEW.id AND r.verdict_id = NEW.verdict_id\n                            AND r.submitted_at = NEW.submitted_at\n                            AND r.decision = 'approved' AND r.reviewer_id = NEW.verified_by_id\n                    )\n                ) THEN\n                    RAISE EXCEPTION 'a claim is verified by the approval of a second person only'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_four_eyes';\n                END IF;\n                NEW.contributor_ids := CASE WHEN NEW.state IN ('in_review', 'verified')\n                    THEN contributors ELSE '{}' END;\n                RETURN NEW;\n                ", hash='030bce82f0a7f55653ad670f0ef3c2e540b16ffe', operation='UPDATE', pgid='pgtrigger_claim_guard_27082', table='annotations_claim', when='BEFORE')),
        ),
    ]
