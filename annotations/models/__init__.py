"""What is stored: one concept a file, every rule that must always hold as a constraint or trigger."""

from annotations.models.access import ApiToken, IdempotencyKey
from annotations.models.activity import Activity
from annotations.models.anchor import Anchor
from annotations.models.claim import Claim, ClaimantKind, ClaimSkip, Origin, SavedFilter
from annotations.models.desk import Desk, Membership
from annotations.models.document import Document, DocumentVersion, LoadingState
from annotations.models.heartbeat import WorkerHeartbeat
from annotations.models.rating import Rating, RatingScale
from annotations.models.reference import Capture, Evidence, FetchJob, Reference
from annotations.models.report import Report, ReportRow, ReportState
from annotations.models.user import User
from annotations.models.verdict import Review, Verdict, VerdictDraft

__all__ = [
    "Activity",
    "Anchor",
    "ApiToken",
    "Capture",
    "Claim",
    "ClaimSkip",
    "ClaimantKind",
    "Desk",
    "Document",
    "DocumentVersion",
    "Evidence",
    "FetchJob",
    "IdempotencyKey",
    "LoadingState",
    "Membership",
    "Origin",
    "Rating",
    "RatingScale",
    "Reference",
    "Report",
    "ReportRow",
    "ReportState",
    "Review",
    "SavedFilter",
    "User",
    "Verdict",
    "VerdictDraft",
    "WorkerHeartbeat",
]
