"""SQL that somebody with the application's password may try on the claim `%(claim)s`, as `%(person)s`."""

# Most are refused; none may break a promise.
STATEMENTS = (
    "UPDATE annotations_claim SET statement = 'Forged.' WHERE id = %(claim)s",
    "UPDATE annotations_claim SET claimant_name = 'Forged' WHERE id = %(claim)s",
    "UPDATE annotations_claim SET submitted_by_id = %(person)s WHERE id = %(claim)s",
    "UPDATE annotations_claim SET submitted_at = now() - interval '1 day' WHERE id = %(claim)s",
    "UPDATE annotations_claim SET verified_by_id = %(person)s WHERE id = %(claim)s",
    "UPDATE annotations_claim SET verified_at = now() WHERE id = %(claim)s",
    "UPDATE annotations_claim SET contributor_ids = '{}' WHERE id = %(claim)s",
    "UPDATE annotations_claim SET statement_author_ids = '{}' WHERE id = %(claim)s",
    """UPDATE annotations_claim SET state = 'verified', verified_by_id = %(person)s, verified_at = now()
        WHERE id = %(claim)s""",
    "UPDATE annotations_claim SET state = 'returned' WHERE id = %(claim)s",
    """UPDATE annotations_claim SET
        verdict_id = (SELECT min(id) FROM annotations_verdict WHERE claim_id = %(claim)s)
        WHERE id = %(claim)s""",
    "UPDATE annotations_verdict SET reasoning = 'Forged.' WHERE claim_id = %(claim)s",
    "UPDATE annotations_review SET reviewer_id = %(person)s WHERE claim_id = %(claim)s",
    "UPDATE annotations_signedrecord SET body = '{}' WHERE claim_id = %(claim)s",
    """INSERT INTO annotations_signedrecord (claim_id, number, cause, body, sha256, hand_ids)
        VALUES (%(claim)s, 99, 'submitted', '{}', '', '{}')""",
    """INSERT INTO annotations_review
        (claim_id, verdict_id, record_id, submitted_at, reviewer_id, decision, note, reviewer_name)
        SELECT c.id, c.verdict_id, r.id, c.submitted_at, %(person)s, 'approved', '', ''
        FROM annotations_claim c JOIN annotations_signedrecord r ON r.claim_id = c.id
        WHERE c.id = %(claim)s ORDER BY r.number DESC LIMIT 1""",
    "UPDATE annotations_evidence SET stance = 'refutes' WHERE claim_id = %(claim)s",
    "UPDATE annotations_evidence SET author_ids = '{}' WHERE claim_id = %(claim)s",
    "UPDATE annotations_anchor SET state = 'exact' WHERE claim_id = %(claim)s",
    """UPDATE annotations_anchor SET start = start + 1, "end" = "end" + 1 WHERE claim_id = %(claim)s""",
    "DELETE FROM annotations_anchor WHERE claim_id = %(claim)s",
    "UPDATE annotations_reportrow SET data = '{}' WHERE claim_id = %(claim)s",
    "UPDATE annotations_report SET title = 'Forged'",
    "UPDATE annotations_activity SET actor_id = %(person)s WHERE claim_id = %(claim)s",
    "DELETE FROM annotations_activity WHERE claim_id = %(claim)s",
)
