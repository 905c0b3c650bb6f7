"""Store a text as a version and its proposed claims; private to this package."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import orjson
from django.db.models.functions import Now

from annotations.domain.activity import Verb
from annotations.domain.claims.anchoring import AnchorState, Quote, anchors_at
from annotations.domain.claims.states import ClaimState
from annotations.domain.documents.text import text_sha256
from annotations.domain.errors import Invalid
from annotations.models import Anchor, Claim, Document, DocumentVersion, LoadingState, Origin, User
from annotations.suggesting import Proposal, detect
from annotations.workflow.activity import record
from annotations.workflow.bulk_insert import copy_rows, next_ids
from annotations.workflow.fetches.enqueue import checked_address

LONGEST = {"title": 500, "outlet": 200, "author": 300, "source_name": 300}
MAX_STATEMENT = 2_000
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,2}")
_HEADING_LENGTH = 120


class DocumentRefused(Invalid):
    """The particulars of an article cannot be used; `fields` says what is wrong where."""

    code = "document_invalid"


@dataclass(frozen=True)
class About:
    """What is known about an article besides its text; empty where nothing is."""

    title: str = ""
    url: str = ""
    outlet: str = ""
    author: str = ""
    published_on: date | None = None
    language: str = ""


def checked_about(given: About, *, title_needed: bool) -> About:
    """Trim the particulars and check them; raises DocumentRefused with what is wrong, field by field."""
    title, outlet, author = (" ".join(words.split()) for words in (given.title, given.outlet, given.author))
    fields: dict[str, str] = {}
    if title_needed and not title:
        fields["title"] = "Give the article a title."
    for name, words in (("title", title), ("outlet", outlet), ("author", author)):
        if len(words) > LONGEST[name]:
            fields[name] = f"At most {LONGEST[name]} characters; this has {len(words)}."
    url = given.url.strip()
    if url:
        try:
            url = checked_address(url).url
        except Invalid as refusal:
            fields["url"] = refusal.sentence
        if len(url) > 2000:
            fields["url"] = "An address has at most 2,000 characters."
    language = given.language.strip().lower()
    if language and not _LANGUAGE.fullmatch(language):
        fields["language"] = "Give a language code such as nl, en or pt-br."
    if fields:
        raise DocumentRefused("Some particulars of the article cannot be used.", fields=fields)
    return About(title, url, outlet, author, given.published_on, language)


def title_from(text: str) -> str:
    """A title for an untitled article: its first line, shortened at a blank."""
    line = text.partition("\n")[0]
    if len(line) <= _HEADING_LENGTH:
        return line
    return line[:_HEADING_LENGTH].rpartition(" ")[0] + "…"


def add_first_version(
    document: Document, *, text: str, source_name: str, media_type: str, warnings: Sequence[str], by: User
) -> DocumentVersion:
    """Give a saved document its first text and make it ready. `text` is normalised."""
    version = _store_version(document, 1, text, source_name, media_type, warnings, by)
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


def add_later_version(
    document: Document, *, text: str, source_name: str, media_type: str, warnings: Sequence[str], by: User
) -> DocumentVersion:
    """Store a new text of a locked document and make it the current one. `text` is normalised."""
    number = document.versions.count() + 1
    version = _store_version(document, number, text, source_name, media_type, warnings, by)
    document.current_version = version
    document.version += 1
    document.updated_at = Now()
    document.save(update_fields=["current_version", "version", "updated_at"])
    return version


def _store_version(
    document: Document,
    number: int,
    text: str,
    source_name: str,
    media_type: str,
    warnings: Sequence[str],
    by: User,
) -> DocumentVersion:
    if not document.language:
        document.language = detect(text)
    return DocumentVersion.objects.create(
        document=document,
        number=number,
        text=text,
        sha256=text_sha256(text),
        length=len(text),
        language=document.language,
        source_name=source_name[: LONGEST["source_name"]],
        media_type=media_type[:120],
        warnings=list(warnings),
        created_by=by,
    )


def store_proposals(version: DocumentVersion, proposals: Sequence[Proposal]) -> list[int]:
    """Write proposed claims with their anchors and a line in the log; return their ids in the same order.

    The words are the article's own and nobody chose them, so these claims have neither an author of
    their statement nor a person who made them.
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
        [(claim_id, quote, AnchorState.EXACT, 1.0) for claim_id, quote in zip(ids, quotes, strict=True)],
    )
    # One line for all, which the log of each of these claims begins with.
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


def copy_anchors(
    version: DocumentVersion, placed: Sequence[tuple[int, Quote | None, AnchorState, float]]
) -> None:
    """Write where claims stand in a version: claim id, place or None for nowhere, state and score."""
    nowhere = Quote(0, 0, "", "", "")
    words = {state: state.value for state in AnchorState}
    copy_rows(
        Anchor(document_version=version),
        ("claim_id", "start", "end", "exact", "prefix", "suffix", "state", "score"),
        ((claim_id, *(quote or nowhere), words[state], score) for claim_id, quote, state, score in placed),
    )
