"""Correct what is known about an article, and add a version when its text changes."""

import json
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models.functions import Now

from annotations.domain.activity import Verb
from annotations.domain.claims.anchoring import AnchorState, anchor_at
from annotations.domain.claims.article_revision import ArticleRevision
from annotations.domain.claims.reanchoring import NEEDS_A_PERSON, Reanchored
from annotations.domain.claims.states import SIGNED
from annotations.domain.desks.roles import Action
from annotations.domain.documents.text import clean_text, text_sha256
from annotations.domain.errors import Duplicate, StaleEdit, WrongState
from annotations.domain.verdicts.records import read_record
from annotations.models import Activity, Anchor, Claim, Document, DocumentVersion, SignedRecord, User
from annotations.permissions import check_can_now
from annotations.suggesting import detect
from annotations.visibility import not_here
from annotations.workflow.activity import record
from annotations.workflow.bulk_insert import copy_rows, next_ids
from annotations.workflow.documents.particulars import About, checked_about
from annotations.workflow.documents.versions import Placed, VersionText, add_later_version, copy_anchors
from annotations.workflow.entries import seal_lines


class StaleDocument(StaleEdit):
    """Someone else changed the article since it was read."""

    code = "stale_document"


class SameText(Duplicate):
    """The text given is the text the article has."""

    code = "same_text"


class NoTextYet(WrongState):
    """The article has no text yet."""

    code = "no_text_yet"


@dataclass(frozen=True)
class Revised:
    """A new version, and how many claims have an anchor in each state."""

    version: DocumentVersion
    anchors: dict[AnchorState, int]


@transaction.atomic(durable=True)
def edit_document(document_id: int, *, version: int, about: About, by: User) -> Document:
    """Replace the particulars of an article; its text and claims stay.

    `version` is the row version the person saw. An empty language is detected again. Raises
    Missing, NotAllowed, DocumentRefused or StaleDocument.
    """
    document = _lock(document_id, by)
    checked = checked_about(about, title_needed=True)
    if document.version != version:
        raise StaleDocument(
            "Someone else changed the particulars of this article while you were editing. Your text is kept; "
            "compare it with the newer one and save again.",
            current={
                "title": document.title,
                "url": document.url,
                "outlet": document.outlet,
                "author": document.author,
                "published_on": document.published_on,
                "language": document.language,
                "version": document.version,
            },
        )
    before = _particulars(document)
    document.title, document.url, document.outlet = checked.title, checked.url, checked.outlet
    document.author, document.published_on = checked.author, checked.published_on
    document.language = checked.language or _detected(document)
    after = _particulars(document)
    changed = sorted(name for name in before if before[name] != after[name])
    if changed:
        document.version += 1
        document.updated_at = Now()
        document.save(update_fields=[*before, "version", "updated_at"])
        _log(
            Verb.EDITED,
            document,
            by,
            {"from": {n: before[n] for n in changed}, "to": {n: after[n] for n in changed}},
        )
        document.refresh_from_db(fields=["updated_at"])
    return document


@transaction.atomic(durable=True)
def correct_language(document_id: int, *, language: str, by: User) -> Document:
    """Say which language an article is in; claims that had the wrong one follow.

    An empty `language` detects it again. Raises Missing, NotAllowed or DocumentRefused.
    """
    document = _lock(document_id, by)
    checked = checked_about(About(title=document.title, language=language), title_needed=False)
    wanted = checked.language or _detected(document)
    if wanted != document.language:
        was = document.language
        document.language = wanted
        document.version += 1
        document.updated_at = Now()
        document.save(update_fields=["language", "version", "updated_at"])
        Claim.objects.filter(document=document, language=was).update(language=wanted, updated_at=Now())
        _log(Verb.CORRECTED_LANGUAGE, document, by, {"from": was, "to": wanted})
        document.refresh_from_db(fields=["updated_at"])
    return document


@transaction.atomic(durable=True)
def add_version(
    document_id: int,
    *,
    text: str,
    by: User,
    source_name: str = "",
    media_type: str = "text/plain",
    warnings: tuple[str, ...] = (),
) -> Revised:
    """Store a newer text of an article and find every claim in it again.

    Each claim gets an anchor in the new version, with its state. What is not `exact` or `moved` waits for
    a person to look, and the log of such a claim says what happened. A claim in review or verified among
    these stays what it is and waits in the queue until someone who might review it keeps it as signed, or it
    is opened for work again. Earlier versions and their anchors stay as they were.
    Raises Missing, NotAllowed, NoTextYet, SameText, TextEmpty, TextTooLarge or TextBinary.
    """
    cleaned = clean_text(text)
    document = _lock(document_id, by)
    current = document.current_version
    if current is None:
        raise NoTextYet("The text of this article is not loaded yet. Wait until it is, then add a version.")
    if text_sha256(cleaned) == current.sha256:
        raise SameText("This is the text the article has already; nothing was added.")
    version = add_later_version(document, VersionText(cleaned, source_name, media_type, warnings), by)
    placing = _Placing(document, current, cleaned)
    placed = [
        placing.place(anchor)
        for anchor in Anchor.objects.filter(document_version=current).order_by("claim_id")
    ]
    copy_anchors(version, placed)
    _log_anchors(document, placed)
    counts = {state: sum(1 for one in placed if one.state is state) for state in AnchorState}
    counts = {state: count for state, count in counts.items() if count}
    _log(
        Verb.ADDED_VERSION,
        document,
        by,
        {
            "number": version.number,
            "sha256": version.sha256,
            "anchors": {k.value: n for k, n in counts.items()},
        },
    )
    return Revised(version, counts)


class _Placing:
    """Where the claims of an article stand in its new text."""

    def __init__(self, document: Document, current: DocumentVersion, new_text: str) -> None:
        self.current, self.new_text = current, new_text
        self._since_current = ArticleRevision(current.text, new_text)
        self._signed = _signed_in_earlier_versions(document, current)
        earlier = document.versions.filter(number__in={number for number, _ in self._signed.values()})
        self._since = {version.number: ArticleRevision(version.text, new_text) for version in earlier}

    def place(self, anchor: Anchor) -> Placed:
        likely = None
        signed = self._signed.get(anchor.claim_id)
        if signed is not None:
            number, span = signed
            revision = self._since[number]
            found = revision.place(anchor_at(revision.old_text, *span))
            if found.state not in NEEDS_A_PERSON:
                # The words that were signed stand there again, whatever stood there meanwhile.
                return self._found(anchor, found)
            likely = found if found.start is not None else None
        if anchor.state == AnchorState.ORPHANED:
            # Words like those that were signed are there again: whoever kept the claim without them is asked.
            if likely is not None:
                return self._found(anchor, likely)
            # Without a place there are no words to look for; it stays orphaned until a person places it.
            return Placed(anchor.claim_id, None, AnchorState.ORPHANED, 0.0, self._changed_in(anchor))
        found = self._since_current.place(anchor_at(self.current.text, anchor.start, anchor.end))
        if anchor.state in NEEDS_A_PERSON and found.state not in NEEDS_A_PERSON:
            # A claim that waited for a person in the last version still waits, even if nothing changed since.
            found = replace(found, state=AnchorState(anchor.state))
            return self._found(anchor, found, self._changed_in(anchor))
        if anchor.before_changed:
            # Shown until somebody confirms the place.
            found = replace(found, before_changed=True)
        return self._found(anchor, found)

    def _found(self, anchor: Anchor, found: Reanchored, changed_in: int | None = None) -> Placed:
        if found.start is None or found.end is None:
            return Placed(anchor.claim_id, None, AnchorState.ORPHANED, 0.0, changed_in)
        quote = anchor_at(self.new_text, found.start, found.end)
        return Placed(anchor.claim_id, quote, found.state, found.score, changed_in, found.before_changed)

    def _changed_in(self, anchor: Anchor) -> int:
        return anchor.changed_in_id or anchor.document_version_id


def _signed_in_earlier_versions(
    document: Document, current: DocumentVersion
) -> dict[int, tuple[int, tuple[int, int]]]:
    """Return version and span of the words in the record, by claim, of claims signed before `current`."""
    records = SignedRecord.objects.filter(claim__document=document, claim__state__in=SIGNED)
    found: dict[int, tuple[int, tuple[int, int]]] = {}
    for claim_id, body in records.order_by("claim_id", "number").values_list("claim_id", "body"):
        record = read_record(body)
        number, words = record["article"]["version"], record["words"]
        found.pop(claim_id, None)
        if words is not None and number != current.number:
            found[claim_id] = (number, (words["start"], words["end"]))
    return found


def _log_anchors(document: Document, placed: list[Placed]) -> None:
    """Write a line in the log of each claim that a person has to look at."""
    waiting = [(one.claim_id, one.state) for one in placed if one.state in NEEDS_A_PERSON]
    ids = next_ids(Activity, len(waiting))
    copy_rows(
        Activity(
            desk_id=document.desk_id,
            document_id=document.pk,
            verb=Verb.ANCHOR_CHANGED,
            object_type="claim",
        ),
        ("id", "claim_id", "object_id", "details"),
        (
            (line_id, claim_id, claim_id, json.dumps({"anchor": state.value}))
            for line_id, (claim_id, state) in zip(ids, waiting, strict=True)
        ),
    )
    seal_lines(document.desk_id, ids)


def _lock(document_id: int, by: User) -> Document:
    # Joined to the lock, the current version could be the one from before the wait.
    document = Document.objects.select_for_update(of=("self",)).filter(pk=document_id).first()
    if document is None:
        raise not_here(Document)
    check_can_now(by, Action.EDIT_DOCUMENT, document.desk_id, model=Document)
    return document


def _detected(document: Document) -> str:
    return detect(document.current_version.text) if document.current_version else ""


def _particulars(document: Document) -> dict[str, str]:
    """Return the particulars as text, for the log."""
    names = ("title", "url", "outlet", "author", "language")
    words = {name: str(getattr(document, name)) for name in names}
    published = document.published_on
    return {**words, "published_on": published.isoformat() if published else ""}


def _log(verb: Verb, document: Document, by: User, details: dict[str, object]) -> None:
    record(
        verb,
        desk_id=document.desk_id,
        by=by,
        object_type="document",
        object_id=document.pk,
        document_id=document.pk,
        details=details,
    )
