"""What the database holds about claims on every path, SQL included: starts, moves, locks and four eyes."""

import pgtrigger

from annotations.domain.claims.states import STARTS, STATE_CHANGES, STATEMENT_EDITABLE, WORKABLE
from annotations.models.constraints import sql_pairs, sql_values
from annotations.models.functions import CONTRIBUTORS
from annotations.models.guards import Guard, NeverEmptied, Protect

CLAIM_GUARDS = (
    Protect(name="claim_not_deleted", operation=pgtrigger.Delete),
    NeverEmptied(name="claim_never_emptied"),
    # Once for all rows of an SQL statement: with a trigger for each row, COPY would write rows one by one.
    Guard(
        name="claim_starts",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
        func=f"""
        IF EXISTS (
            SELECT 1 FROM new_rows
            WHERE state NOT IN {sql_values(STARTS)} OR verdict_id IS NOT NULL
                OR contributor_ids <> '{{}}'
        ) THEN
            RAISE EXCEPTION 'a claim starts {" or ".join(sorted(STARTS))}, without a verdict'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_starts_open';
        END IF;
        IF EXISTS (
            SELECT 1 FROM new_rows n LEFT JOIN annotations_document d ON d.id = n.document_id
            WHERE d.desk_id IS DISTINCT FROM n.desk_id
        ) THEN
            RAISE EXCEPTION 'a claim is of the desk of its document'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_of_document';
        END IF;
        IF EXISTS (SELECT 1 FROM new_rows WHERE origin = 'selected' AND statement_author_ids = '{{}}') THEN
            RAISE EXCEPTION 'a claim that a person selected has an author'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_authored';
        END IF;
        RETURN NULL;
        """,
    ),
    # Four eyes and the locks on work under review, held on every path, SQL included.
    Guard(
        name="claim_guard",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        declare=[("contributors", "bigint[]"), ("decided", "annotations_review%ROWTYPE")],
        func=f"""
        IF NEW.id <> OLD.id OR NEW.desk_id <> OLD.desk_id OR NEW.document_id <> OLD.document_id THEN
            RAISE EXCEPTION 'a claim keeps its number and stays with its document'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_stays';
        END IF;
        IF (
            NEW.statement, NEW.language, NEW.claimant_name, NEW.claimant_kind, NEW.claimant_role,
            NEW.said_on, NEW.said_where, NEW.chosen_because, NEW.statement_author_ids
        ) IS DISTINCT FROM (
            OLD.statement, OLD.language, OLD.claimant_name, OLD.claimant_kind, OLD.claimant_role,
            OLD.said_on, OLD.said_where, OLD.chosen_because, OLD.statement_author_ids
        ) AND OLD.state NOT IN {sql_values(STATEMENT_EDITABLE)} THEN
            RAISE EXCEPTION 'the wording is locked while a claim is %', OLD.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_statement_locked';
        END IF;
        IF NOT (NEW.statement_author_ids @> OLD.statement_author_ids) THEN
            RAISE EXCEPTION 'authors of a statement are never forgotten'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_authors_kept';
        END IF;
        IF NEW.verdict_id IS DISTINCT FROM OLD.verdict_id
            AND OLD.state NOT IN {sql_values(WORKABLE)} THEN
            RAISE EXCEPTION 'the verdict is locked while a claim is %', OLD.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_verdict_locked';
        END IF;
        IF (NEW.verdict_id, NEW.rating_id) IS DISTINCT FROM (OLD.verdict_id, OLD.rating_id) AND NOT EXISTS (
            SELECT 1 FROM annotations_verdict v
            WHERE v.id = NEW.verdict_id AND v.claim_id = NEW.id AND v.rating_id = NEW.rating_id
        ) THEN
            RAISE EXCEPTION 'the verdict in force is one of this claim, with its rating'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_verdict_own';
        END IF;
        IF (NEW.submitted_by_id, NEW.submitted_at) IS DISTINCT FROM (OLD.submitted_by_id, OLD.submitted_at)
            AND (OLD.state = 'in_review' OR NEW.state <> 'in_review') THEN
            RAISE EXCEPTION 'who submitted a claim and when stays as it is'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_submission_kept';
        END IF;
        IF NEW.state IS NOT DISTINCT FROM OLD.state THEN
            IF (NEW.verified_by_id, NEW.verified_at) IS DISTINCT FROM (OLD.verified_by_id, OLD.verified_at) THEN
                RAISE EXCEPTION 'who signed a claim off stays as it is'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_signature_kept';
            END IF;
            -- Whose copy of a page was read during the review counts too.
            NEW.contributor_ids := CASE WHEN NEW.state = 'in_review' THEN {CONTRIBUTORS.name}(
                NEW.id, NEW.verdict_id, NEW.statement_author_ids || NEW.submitted_by_id
            ) ELSE OLD.contributor_ids END;
            RETURN NEW;
        END IF;
        IF (OLD.state, NEW.state) NOT IN {sql_pairs(STATE_CHANGES)} THEN
            RAISE EXCEPTION 'a claim does not go from % to %', OLD.state, NEW.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_move_known';
        END IF;
        -- A snapshot from before this statement would leave out what others committed meanwhile.
        IF current_setting('transaction_isolation') <> 'read committed' THEN
            RAISE EXCEPTION 'a claim moves in a transaction that reads what is committed'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_moved_as_committed';
        END IF;
        contributors := {CONTRIBUTORS.name}(
            NEW.id, NEW.verdict_id, NEW.statement_author_ids || NEW.submitted_by_id
        );
        IF NEW.state = 'in_review' AND NEW.submitted_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()
            OR NEW.state = 'verified' AND NEW.verified_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()
        THEN
            RAISE EXCEPTION 'a submission and a signature bear the moment they are given'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_moved_now';
        END IF;
        IF NEW.state = 'in_review' AND EXISTS (
            SELECT 1 FROM annotations_rating r WHERE r.id = NEW.rating_id AND r.needs_evidence
        ) AND NOT EXISTS (
            SELECT 1 FROM annotations_evidence e WHERE e.claim_id = NEW.id AND e.withdrawn_at IS NULL
        ) THEN
            RAISE EXCEPTION 'this rating rests on sources, and the claim has none'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_submission_whole';
        END IF;
        IF NEW.state IN ('verified', 'returned') THEN
            SELECT * INTO decided FROM annotations_review r
            WHERE r.claim_id = NEW.id AND r.record_id = (
                SELECT k.id FROM annotations_signedrecord k
                WHERE k.claim_id = NEW.id ORDER BY k.number DESC LIMIT 1
            );
        END IF;
        IF NEW.state = 'returned' AND decided.decision IS DISTINCT FROM 'returned' THEN
            RAISE EXCEPTION 'a claim is returned by the decision of a second person only'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_returned_by_review';
        END IF;
        IF NEW.state = 'verified' AND (
            NEW.verified_by_id = ANY (contributors)
            OR decided.decision IS DISTINCT FROM 'approved'
            OR decided.reviewer_id IS DISTINCT FROM NEW.verified_by_id
        ) THEN
            RAISE EXCEPTION 'a claim is verified by the approval of a second person only'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_four_eyes';
        END IF;
        NEW.contributor_ids := CASE WHEN NEW.state IN ('in_review', 'verified')
            THEN contributors ELSE '{{}}' END;
        RETURN NEW;
        """,
    ),
    # What goes to review is put on record, on every path; see `SignedRecord`.
    Guard(
        name="claim_recorded",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(new__state="in_review") & ~pgtrigger.Q(old__state="in_review"),
        func="""
        INSERT INTO annotations_signedrecord (claim_id, number, cause, body, sha256, hand_ids)
        VALUES (NEW.id, 0, 'submitted', '', '', '{}');
        RETURN NULL;
        """,
    ),
)
