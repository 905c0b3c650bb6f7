"""Store a text as a version and its proposed claims; private to this package."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from django.db.models.functions import Now

from annotations.domain.activity import Verb
from annotations.domain.claims.anchoring import AnchorState, Quote, anchors_at
from annotations.domain.claims.states import ClaimState
from annotations.domain.documents.text import text_sha256
from annotations.models import Anchor, Claim, Document, DocumentVersion, LoadingState, Origin, User
from annotations.suggesting import Proposal, detect
from annotations.workflow.activity import record
from annotations.workflow.bulk_insert import copy_rows, next_ids

MAX_SOURCE_NAME = 300
MAX_STATEMENT = 2_000


@dataclass(frozen=True)
class VersionText:
    """A normalised text, and what it was read from: a file or address by name, its type, its warnings."""

    text: str
    source_name: str = ""
    media_type: str = "text/plain"
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a claim stands in a version; `quote` is None for nowhere.

    `changed_in` is the id of an earlier version, if that is the one in which words that wait for a person
    changed. `before_changed`: the sentence before the claim is another one now.
    """

    claim_id: int
    quote: Quote | None
    state: AnchorState
    score: float
    changed_in: int | None = None
    before_changed: bool = False


def add_first_version(document: Document, text: VersionText, by: User) -> DocumentVersion:
    """Give a saved document its first text and make it ready."""
    version = _store_version(document, 1, text, by)
    document.current_version = version
    document.loading_state = LoadingState.READY
    document.loading_problem = ""
    document.save(
        update_fields=[
            "current_version",
            "loading_state",
            "loading_problem",
            "language",
            "title",
            "author",
            "outlet",
            "published_on",
        ]
    )
    return version


def add_later_version(document: Document, text: VersionText, by: User) -> DocumentVersion:
    """Store a new text of a locked document and make it the current one."""
    version = _store_version(document, document.versions.count() + 1, text, by)
    document.current_version = version
    document.version += 1
    document.updated_at = Now()
    document.save(update_fields=["current_version", "version", "updated_at"])
    return version


def _store_version(document: Document, number: int, text: VersionText, by: User) -> DocumentVersion:
    if not document.language:
        document.language = detect(text.text)
    return DocumentVersion.objects.create(
        document=document,
        number=number,
        text=text.text,
        sha256=text_sha256(text.text),
        length=len(text.text),
        language=document.language,
        source_name=text.source_name[:MAX_SOURCE_NAME],
        media_type=text.media_type[:120],
        warnings=list(text.warnings),
        created_by=by,
    )


def store_proposals(version: DocumentVersion, proposals: Sequence[Proposal]) -> list[int]:
    """Write proposed claims with their anchors and a line in the log; return their ids in the same order.

    Nobody chose the words, which are the article's own, so these claims have no author of their statement
    and nobody who made them.
    """
    if not proposals:
        return []
    document = version.document
    ids = next_ids(Claim, len(proposals))
    copy_rows(
        Claim(
            desk_id=document.desk_id,
            document=document,
            state=ClaimState.PROPOSED,
            origin=Origin.PROPOSED,
        ),
        (
            "id",
            "statement",
            "language",
            "claimant_name",
            "claimant_kind",
            "claimant_role",
            "score",
            "score_reasons",
        ),
        (
            (
                claim_id,
                proposal.statement[:MAX_STATEMENT],
                proposal.language,
                proposal.claimant_name[:200],
                proposal.claimant_kind,
                proposal.claimant_role[:200],
                proposal.score,
                orjson.dumps(dict(proposal.reasons)).decode(),
            )
            for claim_id, proposal in zip(ids, proposals, strict=True)
        ),
    )
    quotes = anchors_at(version.text, [(proposal.start, proposal.end) for proposal in proposals])
    copy_anchors(
        version,
        [
            Placed(claim_id, quote, AnchorState.EXACT, 1.0)
            for claim_id, quote in zip(ids, quotes, strict=True)
        ],
    )
    # One line for all of them, with which the log of each claim begins.
    record(
        Verb.PROPOSED_CLAIMS,
        desk_id=document.desk_id,
        by=None,
        object_type="document",
        object_id=document.pk,
        document_id=document.pk,
        to_state=ClaimState.PROPOSED,
        details={"claims": len(ids)},
    )
    return ids


def copy_anchors(version: DocumentVersion, placed: Sequence[Placed]) -> None:
    """Write where claims stand in a version."""
    nowhere = Quote(0, 0, "", "", "")
    words = {state: state.value for state in AnchorState}
    copy_rows(
        Anchor(document_version=version),
        (
            "claim_id",
            "start",
            "end",
            "exact",
            "prefix",
            "suffix",
            "state",
            "score",
            "changed_in_id",
            "before_changed",
        ),
        (
            (
                *(one.claim_id, *(one.quote or nowhere), words[one.state], one.score, one.changed_in),
                one.before_changed,
            )
            for one in placed
        ),
    )
