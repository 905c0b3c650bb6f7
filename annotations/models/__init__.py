"""The stored data: one concept a file, and a constraint or trigger for each rule that must always hold."""

from annotations.models.activity import Activity
from annotations.models.alert import Alert
from annotations.models.anchor import Anchor
from annotations.models.api_token import ApiToken
from annotations.models.capture import Capture
from annotations.models.claim import Claim, ClaimantKind, ClaimSkip, Origin
from annotations.models.desk import Desk, Membership
from annotations.models.device import Device
from annotations.models.document import Document, DocumentVersion, LoadingState
from annotations.models.entries import EarlierEntries, Seal
from annotations.models.evidence import Evidence
from annotations.models.extraction import Extraction
from annotations.models.fetch_job import FetchJob, Host
from annotations.models.heartbeat import WorkerHeartbeat
from annotations.models.idempotency_key import IdempotencyKey
from annotations.models.invitation import Invitation
from annotations.models.kept_file import KeptFile
from annotations.models.kept_words import KeptWords, changed_words
from annotations.models.outside_identity import OutsideIdentity
from annotations.models.passage_place import PassagePlace
from annotations.models.proof import Manifest, ProofChain, Stamp, StampBatch, StampLeaf
from annotations.models.rating import Rating, RatingScale
from annotations.models.reference import Reference
from annotations.models.report import Report, ReportRow, ReportState
from annotations.models.saved_filter import SavedFilter
from annotations.models.second_factor import RecoveryCode, SecondFactor, SecurityKey
from annotations.models.session import Session
from annotations.models.signed_record import SignedRecord
from annotations.models.user import User
from annotations.models.verdict import Review, Verdict, VerdictDraft
from annotations.models.watch import Watch, WatchCheck
from annotations.models.witness import WitnessJob

__all__ = [
    "Activity",
    "Alert",
    "Anchor",
    "ApiToken",
    "Capture",
    "Claim",
    "ClaimSkip",
    "ClaimantKind",
    "Desk",
    "Device",
    "Document",
    "DocumentVersion",
    "EarlierEntries",
    "Evidence",
    "Extraction",
    "FetchJob",
    "Host",
    "IdempotencyKey",
    "Invitation",
    "KeptFile",
    "KeptWords",
    "LoadingState",
    "Manifest",
    "Membership",
    "Origin",
    "OutsideIdentity",
    "PassagePlace",
    "ProofChain",
    "Rating",
    "RatingScale",
    "RecoveryCode",
    "Reference",
    "Report",
    "ReportRow",
    "ReportState",
    "Review",
    "SavedFilter",
    "Seal",
    "SecondFactor",
    "SecurityKey",
    "Session",
    "SignedRecord",
    "Stamp",
    "StampBatch",
    "StampLeaf",
    "User",
    "Verdict",
    "VerdictDraft",
    "Watch",
    "WatchCheck",
    "WitnessJob",
    "WorkerHeartbeat",
    "changed_words",
]
