"""What the rows say, for a test that keeps a book of its own."""

from typing import Any

from django.db import connection

from annotations.archiving.findings import Finding, Findings
from annotations.models import Claim, Evidence, ReportRow, Review, SignedRecord
from annotations.workflow.proof.chain import chain_entries
from annotations.workflow.proof.verify import verify
from annotations.workflow.proof.verify_entries import EntryCheck


def judged(claim: Claim) -> dict[str, Any]:
    """Return what a reviewer judges, read from the rows and not by the function that makes records."""
    verdict = claim.verdict
    return {
        "statement": claim.statement,
        "claimant": (claim.claimant_name, claim.claimant_role, claim.said_where),
        "verdict": (verdict.number, verdict.rating_id, verdict.reasoning) if verdict else None,
        "evidence": sorted(
            Evidence.objects.filter(claim=claim, withdrawn_at__isnull=True).values_list(
                "id", "stance", "passage", "note", "capture_id"
            )
        ),
    }


def rows_of(report_id: int) -> list[tuple[int, Any]]:
    rows = ReportRow.objects.filter(report_id=report_id).order_by("position")
    return list(rows.values_list("claim_id", "data"))


def rows_that_can_be_forged() -> set[str]:
    reviews = Review.objects.values_list("pk", flat=True)
    records = SignedRecord.objects.values_list("pk", flat=True)
    return {f"review {pk}" for pk in reviews} | {f"signed record {pk}" for pk in records}


def problems_of_entries() -> list[Finding]:
    """Chain what was sealed, and return what does not hold about lines of the log, reviews and the like."""
    chain_entries()
    findings = Findings()
    EntryCheck(findings, desk_id=None, since=None, progress=str, broken=max).run()
    assert findings.checked
    return findings.problems


def run(statement: str, **values: Any) -> None:
    """Run one statement with the rights of the application."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def problems() -> list[str]:
    """Return what does not hold, as `manage.py verify` says it."""
    return [str(problem) for problem in verify().problems]
