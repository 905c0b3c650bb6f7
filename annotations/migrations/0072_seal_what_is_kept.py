"""Close reports with their rows, date what is kept by the database's clock, and let no such table be emptied."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from annotations.migrations._guard_sql import GuardSql


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0071_guards_without_a_switch'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='claim',
            name='claim_guard',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='activity',
            trigger=pgtrigger.compiler.Trigger(name='activity_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'activity_never_emptied';", hash='e56f2fa0f5e98455dcd5f563aa5abc838ca50c4f', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_activity_never_emptied_ff44e', table='annotations_activity', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='activity',
            trigger=pgtrigger.compiler.Trigger(name='activity_dated_now', sql=GuardSql(func="\n                IF EXISTS (\n                    SELECT 1 FROM new_rows n\n                    WHERE n.at NOT BETWEEN transaction_timestamp() AND clock_timestamp()\n                ) THEN\n                    RAISE EXCEPTION 'rows of % bear the moment they are written', TG_TABLE_NAME\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'activity_dated_now';\n                END IF;\n                RETURN NULL;\n                ", hash='2ea14f5775247fd67d165d243210f166ce60a1ee', level='STATEMENT', operation='INSERT', pgid='pgtrigger_activity_dated_now_50943', referencing='REFERENCING NEW TABLE AS new_rows ', table='annotations_activity', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='capture',
            trigger=pgtrigger.compiler.Trigger(name='capture_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'capture_never_emptied';", hash='bda654dcb321d4dc857b8b6900a3b46cc881e8f1', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_capture_never_emptied_437f5', table='annotations_capture', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='claim',
            trigger=pgtrigger.compiler.Trigger(name='claim_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_never_emptied';", hash='10fd35dcc3aa0f202df6e66461d9218c6d110dad', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_claim_never_emptied_d12db', table='annotations_claim', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='claim',
            trigger=pgtrigger.compiler.Trigger(name='claim_guard', sql=GuardSql(declare='DECLARE contributors bigint[]; decided annotations_review%ROWTYPE;', func="\n        IF NEW.id <> OLD.id OR NEW.desk_id <> OLD.desk_id OR NEW.document_id <> OLD.document_id THEN\n            RAISE EXCEPTION 'a claim keeps its number and stays with its document'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_stays';\n        END IF;\n        IF (\n            NEW.statement, NEW.language, NEW.claimant_name, NEW.claimant_kind, NEW.claimant_role,\n            NEW.said_on, NEW.said_where, NEW.chosen_because, NEW.statement_author_ids\n        ) IS DISTINCT FROM (\n            OLD.statement, OLD.language, OLD.claimant_name, OLD.claimant_kind, OLD.claimant_role,\n            OLD.said_on, OLD.said_where, OLD.chosen_because, OLD.statement_author_ids\n        ) AND OLD.state NOT IN ('open', 'proposed', 'returned') THEN\n            RAISE EXCEPTION 'the wording is locked while a claim is %', OLD.state\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_statement_locked';\n        END IF;\n        IF NOT (NEW.statement_author_ids @> OLD.statement_author_ids) THEN\n            RAISE EXCEPTION 'authors of a statement are never forgotten'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_authors_kept';\n        END IF;\n        IF NEW.verdict_id IS DISTINCT FROM OLD.verdict_id\n            AND OLD.state NOT IN ('open', 'returned') THEN\n            RAISE EXCEPTION 'the verdict is locked while a claim is %', OLD.state\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_verdict_locked';\n        END IF;\n        IF (NEW.verdict_id, NEW.rating_id) IS DISTINCT FROM (OLD.verdict_id, OLD.rating_id) AND NOT EXISTS (\n            SELECT 1 FROM annotations_verdict v\n            WHERE v.id = NEW.verdict_id AND v.claim_id = NEW.id AND v.rating_id = NEW.rating_id\n        ) THEN\n            RAISE EXCEPTION 'the verdict in force is one of this claim, with its rating'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_verdict_own';\n        END IF;\n        IF (NEW.submitted_by_id, NEW.submitted_at) IS DISTINCT FROM (OLD.submitted_by_id, OLD.submitted_at)\n            AND (OLD.state = 'in_review' OR NEW.state <> 'in_review') THEN\n            RAISE EXCEPTION 'who submitted a claim and when stays as it is'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_submission_kept';\n        END IF;\n        IF NEW.state IS NOT DISTINCT FROM OLD.state THEN\n            IF (NEW.verified_by_id, NEW.verified_at) IS DISTINCT FROM (OLD.verified_by_id, OLD.verified_at) THEN\n                RAISE EXCEPTION 'who signed a claim off stays as it is'\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_signature_kept';\n            END IF;\n            -- Whose copy of a page was read during the review counts too.\n            NEW.contributor_ids := CASE WHEN NEW.state = 'in_review' THEN annotations_contributors(\n                NEW.id, NEW.verdict_id, NEW.statement_author_ids || NEW.submitted_by_id\n            ) ELSE OLD.contributor_ids END;\n            RETURN NEW;\n        END IF;\n        IF (OLD.state, NEW.state) NOT IN (\n    ('dismissed', 'open'),\n    ('in_review', 'open'),\n    ('in_review', 'returned'),\n    ('in_review', 'verified'),\n    ('open', 'dismissed'),\n    ('open', 'in_review'),\n    ('proposed', 'dismissed'),\n    ('proposed', 'open'),\n    ('returned', 'dismissed'),\n    ('returned', 'in_review'),\n    ('verified', 'open')\n) THEN\n            RAISE EXCEPTION 'a claim does not go from % to %', OLD.state, NEW.state\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_move_known';\n        END IF;\n        contributors := annotations_contributors(\n            NEW.id, NEW.verdict_id, NEW.statement_author_ids || NEW.submitted_by_id\n        );\n        IF NEW.state = 'in_review' AND NEW.submitted_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()\n            OR NEW.state = 'verified' AND NEW.verified_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()\n        THEN\n            RAISE EXCEPTION 'a submission and a signature bear the moment they are given'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_moved_now';\n        END IF;\n        IF NEW.state = 'in_review' AND EXISTS (\n            SELECT 1 FROM annotations_rating r WHERE r.id = NEW.rating_id AND r.needs_evidence\n        ) AND NOT EXISTS (\n            SELECT 1 FROM annotations_evidence e WHERE e.claim_id = NEW.id AND e.withdrawn_at IS NULL\n        ) THEN\n            RAISE EXCEPTION 'this rating rests on sources, and the claim has none'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_submission_whole';\n        END IF;\n        IF NEW.state IN ('verified', 'returned') THEN\n            SELECT * INTO decided FROM annotations_review r\n            WHERE r.claim_id = NEW.id AND r.record_id = (\n                SELECT k.id FROM annotations_signedrecord k\n                WHERE k.claim_id = NEW.id ORDER BY k.number DESC LIMIT 1\n            );\n        END IF;\n        IF NEW.state = 'returned' AND decided.decision IS DISTINCT FROM 'returned' THEN\n            RAISE EXCEPTION 'a claim is returned by the decision of a second person only'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_returned_by_review';\n        END IF;\n        IF NEW.state = 'verified' AND (\n            NEW.verified_by_id = ANY (contributors)\n            OR decided.decision IS DISTINCT FROM 'approved'\n            OR decided.reviewer_id IS DISTINCT FROM NEW.verified_by_id\n        ) THEN\n            RAISE EXCEPTION 'a claim is verified by the approval of a second person only'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_four_eyes';\n        END IF;\n        NEW.contributor_ids := CASE WHEN NEW.state IN ('in_review', 'verified')\n            THEN contributors ELSE '{}' END;\n        RETURN NEW;\n        ", hash='b9d5870438ac2566beb1370af780a59896edfbb7', operation='UPDATE', pgid='pgtrigger_claim_guard_27082', table='annotations_claim', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='documentversion',
            trigger=pgtrigger.compiler.Trigger(name='document_version_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'document_version_never_emptied';", hash='5a58fb618978a3e627bf4f70339d019bbfcbd258', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_document_version_never_emptied_6b10f', table='annotations_documentversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='documentversion',
            trigger=pgtrigger.compiler.Trigger(name='document_version_dated_now', sql=GuardSql(func="\n                IF EXISTS (\n                    SELECT 1 FROM new_rows n\n                    WHERE n.created_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()\n                ) THEN\n                    RAISE EXCEPTION 'rows of % bear the moment they are written', TG_TABLE_NAME\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'document_version_dated_now';\n                END IF;\n                RETURN NULL;\n                ", hash='f37a883edb93efaea5b507ff59fc18ea236ba5d1', level='STATEMENT', operation='INSERT', pgid='pgtrigger_document_version_dated_now_0537a', referencing='REFERENCING NEW TABLE AS new_rows ', table='annotations_documentversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='evidence',
            trigger=pgtrigger.compiler.Trigger(name='evidence_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_never_emptied';", hash='c5614af1e4741083f04e09183a976fb132aa32b8', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_evidence_never_emptied_94f86', table='annotations_evidence', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='extraction',
            trigger=pgtrigger.compiler.Trigger(name='extraction_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'extraction_never_emptied';", hash='025693b13312bff65b9f349cfa196173e5131ccd', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_extraction_never_emptied_c7dc5', table='annotations_extraction', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='keptfile',
            trigger=pgtrigger.compiler.Trigger(name='kept_file_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'kept_file_never_emptied';", hash='5914dc4f62e704e26470bc4e0f1e57389a067ad5', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_kept_file_never_emptied_3cb87', table='annotations_keptfile', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='keptwords',
            trigger=pgtrigger.compiler.Trigger(name='kept_words_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'kept_words_never_emptied';", hash='42013c3ccdc98dbed2f14622ccc3508775750e10', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_kept_words_never_emptied_e0862', table='annotations_keptwords', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='manifest',
            trigger=pgtrigger.compiler.Trigger(name='manifest_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'manifest_never_emptied';", hash='8779860a834d36d708f64521730aae429c98e919', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_manifest_never_emptied_5ac87', table='annotations_manifest', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='passageplace',
            trigger=pgtrigger.compiler.Trigger(name='passage_place_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'passage_place_never_emptied';", hash='5c582288f554406821b619c4b1e7f470b105e38b', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_passage_place_never_emptied_06932', table='annotations_passageplace', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='proofchain',
            trigger=pgtrigger.compiler.Trigger(name='proof_chain_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'proof_chain_never_emptied';", hash='e08dbd1427d9aac5992238a663707ba169cea447', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_proof_chain_never_emptied_07191', table='annotations_proofchain', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='proofchain',
            trigger=pgtrigger.compiler.Trigger(name='proof_chain_forward', sql=GuardSql(func="\n                IF NEW.desk_id <> OLD.desk_id OR NEW.number < OLD.number OR NEW.kept_number < OLD.kept_number\n                    OR NEW.kept_number > NEW.number\n                    OR (NEW.number, NEW.sha256) <> (OLD.number, OLD.sha256) AND NOT EXISTS (\n                        SELECT 1 FROM annotations_manifest m\n                        WHERE m.desk_id = NEW.desk_id AND m.number = NEW.number AND m.sha256 = NEW.sha256\n                    ) THEN\n                    RAISE EXCEPTION 'the head of a chain only goes forward, to a manifest that is there'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'proof_chain_forward';\n                END IF;\n                RETURN NEW;\n                ", hash='f929b850a1b8e8b78a12e2abe4fcfd1bbf3f3cb5', operation='UPDATE', pgid='pgtrigger_proof_chain_forward_d2488', table='annotations_proofchain', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rating',
            trigger=pgtrigger.compiler.Trigger(name='rating_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'rating_never_emptied';", hash='5bb01759bddeeff7276b2726e009db2a83872e03', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_rating_never_emptied_1f34d', table='annotations_rating', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='report',
            trigger=pgtrigger.compiler.Trigger(name='report_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'report_never_emptied';", hash='19f4388e7b5635645fe324f1f87cf8691396715c', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_report_never_emptied_86dde', table='annotations_report', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='report',
            trigger=pgtrigger.compiler.Trigger(name='report_starts_queued', sql=GuardSql(condition="WHEN (NEW.state <> 'queued')", func="\n                RAISE EXCEPTION 'a report becomes ready when its rows are there'\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'report_starts_queued';\n                ", hash='b77db867d4d5796de4817b7e6505bf5ebd6077be', operation='INSERT', pgid='pgtrigger_report_starts_queued_7d5c0', table='annotations_report', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='report',
            trigger=pgtrigger.compiler.Trigger(name='report_counted', sql=GuardSql(condition="WHEN (NEW.state = 'ready' AND OLD.state <> 'ready')", func="\n                IF NEW.row_count IS DISTINCT FROM (\n                    SELECT count(*) FROM annotations_reportrow w WHERE w.report_id = NEW.id\n                ) THEN\n                    RAISE EXCEPTION 'a report that is ready says how many rows it has'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'report_counted';\n                END IF;\n                RETURN NEW;\n                ", hash='b044054134fadf531e23680e94f0bb24f304b766', operation='UPDATE', pgid='pgtrigger_report_counted_f2569', table='annotations_report', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportrow',
            trigger=pgtrigger.compiler.Trigger(name='report_row_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'report_row_never_emptied';", hash='bb4203e9a221bda6675fcd385f6e4877e38e56c4', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_report_row_never_emptied_4a1e0', table='annotations_reportrow', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportrow',
            trigger=pgtrigger.compiler.Trigger(name='report_rows_closed', sql=GuardSql(func="\n                PERFORM 1 FROM annotations_report r\n                    WHERE r.id IN (SELECT n.report_id FROM new_rows n) ORDER BY r.id FOR SHARE;\n                IF EXISTS (\n                    SELECT 1 FROM annotations_report r\n                    WHERE r.id IN (SELECT n.report_id FROM new_rows n) AND r.state <> 'queued'\n                ) THEN\n                    RAISE EXCEPTION 'a report takes rows only until it is frozen'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'report_rows_closed';\n                END IF;\n                RETURN NULL;\n                ", hash='bfb272ea0c120742381d5d5bead54139119e2985', level='STATEMENT', operation='INSERT', pgid='pgtrigger_report_rows_closed_6320e', referencing='REFERENCING NEW TABLE AS new_rows ', table='annotations_reportrow', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='review_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'review_never_emptied';", hash='ef891af1739c4ffc781b274b25ed456e98b89ae3', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_review_never_emptied_585aa', table='annotations_review', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='review_dated_now', sql=GuardSql(func="\n                IF EXISTS (\n                    SELECT 1 FROM new_rows n\n                    WHERE n.created_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()\n                ) THEN\n                    RAISE EXCEPTION 'rows of % bear the moment they are written', TG_TABLE_NAME\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'review_dated_now';\n                END IF;\n                RETURN NULL;\n                ", hash='1dca2cf0f1d3ba673c75402d4c9aa2345f619997', level='STATEMENT', operation='INSERT', pgid='pgtrigger_review_dated_now_79c04', referencing='REFERENCING NEW TABLE AS new_rows ', table='annotations_review', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signedrecord',
            trigger=pgtrigger.compiler.Trigger(name='signed_record_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'signed_record_never_emptied';", hash='cf6146f3ae903bbe6f5cf00847ce09e8e7ba0faa', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_signed_record_never_emptied_9b588', table='annotations_signedrecord', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stamp',
            trigger=pgtrigger.compiler.Trigger(name='stamp_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'stamp_never_emptied';", hash='6c5f5094d2e11b19cb42522c5ea151cf41684afd', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_stamp_never_emptied_48607', table='annotations_stamp', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stampbatch',
            trigger=pgtrigger.compiler.Trigger(name='stamp_batch_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'stamp_batch_never_emptied';", hash='470d93b5f5754a3a0a715e95c380cd74554a8243', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_stamp_batch_never_emptied_3dbd0', table='annotations_stampbatch', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stampleaf',
            trigger=pgtrigger.compiler.Trigger(name='stamp_leaf_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'stamp_leaf_never_emptied';", hash='8c22133416abdc248d58e4c41718e1be3fd92e2e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_stamp_leaf_never_emptied_144d7', table='annotations_stampleaf', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='verdict',
            trigger=pgtrigger.compiler.Trigger(name='verdict_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_never_emptied';", hash='d1e7434b1e0852a7d121dc9d726b4f47caab84f2', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_verdict_never_emptied_029ad', table='annotations_verdict', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='verdict',
            trigger=pgtrigger.compiler.Trigger(name='verdict_dated_now', sql=GuardSql(func="\n                IF EXISTS (\n                    SELECT 1 FROM new_rows n\n                    WHERE n.created_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()\n                ) THEN\n                    RAISE EXCEPTION 'rows of % bear the moment they are written', TG_TABLE_NAME\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_dated_now';\n                END IF;\n                RETURN NULL;\n                ", hash='029fa289c7232006e626b0994d13b2a6c87bf539', level='STATEMENT', operation='INSERT', pgid='pgtrigger_verdict_dated_now_62e92', referencing='REFERENCING NEW TABLE AS new_rows ', table='annotations_verdict', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='watchcheck',
            trigger=pgtrigger.compiler.Trigger(name='watch_check_never_emptied', sql=GuardSql(func="RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'watch_check_never_emptied';", hash='9c2ff4bf670bd2e31780d79f346142e4f77ea474', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_watch_check_never_emptied_ffcbc', table='annotations_watchcheck', when='BEFORE')),
        ),
    ]
