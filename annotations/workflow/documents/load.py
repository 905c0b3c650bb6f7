"""Load an article: by pasted text, by file, by address.

Reading and proposing take time and hold no lock; each function then writes in one transaction.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from django.db import transaction

from annotations.domain.activity import Verb
from annotations.domain.desks.roles import Action
from annotations.domain.documents.text import TextTooLarge, clean_text
from annotations.domain.errors import Refused, WrongState
from annotations.domain.fetches.outcomes import sentence_of
from annotations.domain.fetches.states import FetchState
from annotations.extraction import extract_document
from annotations.models import Capture, Desk, Document, FetchJob, LoadingState, User
from annotations.permissions import check_can
from annotations.suggesting import Proposal, detect
from annotations.suggesting import propose as propose_claims
from annotations.visibility import not_here
from annotations.workflow.activity import record
from annotations.workflow.documents.versions import (
    About,
    add_first_version,
    checked_about,
    store_proposals,
    title_from,
)
from annotations.workflow.fetches.enqueue import checked_address, order_article


class NotFailed(WrongState):
    """Only an article whose loading failed can be loaded again."""

    code = "loading_not_failed"


def load_text(
    *,
    desk: Desk,
    by: User,
    title: str = "",
    text: str,
    language: str = "",
    url: str = "",
    outlet: str = "",
    author: str = "",
    published_on: date | None = None,
    source_name: str = "",
    media_type: str = "text/plain",
    warnings: tuple[str, ...] = (),
    propose: bool = True,
) -> Document:
    """Store an article with its first version and the claims proposed from it.

    The text is normalised; without a title its first line serves; without a language it is detected.
    Raises Missing, NotAllowed, DocumentRefused, TextEmpty, TextTooLarge or TextBinary.
    """
    check_can(by, Action.LOAD_DOCUMENT, desk.pk)
    about = checked_about(About(title, url, outlet, author, published_on, language), title_needed=False)
    cleaned = clean_text(text)
    about = replace(
        about, title=about.title or title_from(cleaned), language=about.language or detect(cleaned)
    )
    proposals = propose_claims(cleaned, about.language) if propose else []
    return _store(desk, by, about, cleaned, source_name, media_type, warnings, proposals)


def load_file(
    *,
    desk: Desk,
    by: User,
    filename: str,
    content: bytes,
    declared_type: str = "",
    title: str = "",
    language: str = "",
    url: str = "",
    outlet: str = "",
    author: str = "",
    published_on: date | None = None,
    propose: bool = True,
) -> Document:
    """Store an uploaded article: `.txt`, `.html`, `.docx` or `.pdf`, read in a process of its own.

    What is given goes before what the file says about itself. Raises as `load_text` does, and the
    subclasses of `extraction.Unreadable`.
    """
    check_can(by, Action.LOAD_DOCUMENT, desk.pk)
    read = extract_document(content, filename, declared_type)
    _check_whole(read.warnings)
    return load_text(
        desk=desk,
        by=by,
        title=title or read.title[:500],
        text=read.text,
        language=language,
        url=url,
        outlet=outlet or read.site[:200],
        author=author or read.author[:300],
        published_on=published_on or read.published_on,
        source_name=filename,
        media_type=read.media_type,
        warnings=read.warnings,
        propose=propose,
    )


@transaction.atomic(durable=True)
def load_address(
    *,
    desk: Desk,
    by: User,
    url: str,
    title: str = "",
    language: str = "",
    outlet: str = "",
    author: str = "",
    published_on: date | None = None,
) -> Document:
    """Store an article without text yet and ask for its page to be fetched.

    Until then it is `loading`, with its address for a title where none is given. Raises Missing,
    NotAllowed, DocumentRefused, AlreadyLoading, or a subclass of AddressRefused.
    """
    check_can(by, Action.LOAD_DOCUMENT, desk.pk)
    address = checked_address(url)
    about = checked_about(
        About(title, address.url, outlet, author, published_on, language), title_needed=False
    )
    document = Document.objects.create(
        desk=desk,
        created_by=by,
        loading_state=LoadingState.LOADING,
        title=about.title or about.url[:500],
        url=about.url,
        outlet=about.outlet,
        author=about.author,
        published_on=about.published_on,
        language=about.language,
    )
    order_article(document, address, by)
    _log(Verb.ASKED_TO_LOAD, document, by, {"url": about.url})
    return document


def complete_loading(document_id: int) -> None:
    """Finish an article loaded by address, once its page is fetched or given up.

    With a page the article becomes ready, with its claims proposed; without one, or with a page that
    holds no article, it is `failed` and says why. Does nothing while the fetch goes on, and nothing
    the second time.
    """
    document = Document.objects.select_related("created_by").get(pk=document_id)
    job = FetchJob.objects.filter(document=document).order_by("-pk").first()
    if job is None or job.state in (FetchState.QUEUED, FetchState.FETCHING):
        return
    capture = job.captures.order_by("-pk").first() if job.state == FetchState.FETCHED else None
    if capture is None:
        _fail(document_id, sentence_of(job.error_code) if job.error_code else "The page was not fetched.")
        return
    try:
        _check_whole(capture.warnings)
        cleaned = clean_text(capture.text)
    except Refused as refusal:
        _fail(document_id, f"The page was fetched, but no article was found in it. {refusal.sentence}")
        return
    language = document.language or detect(cleaned)
    _complete(document_id, capture, cleaned, language, propose_claims(cleaned, language))


@transaction.atomic(durable=True)
def retry_loading(document_id: int, *, by: User) -> None:
    """Fetch the page of an article whose loading failed once more.

    Raises Missing, NotAllowed, NotFailed or AlreadyLoading.
    """
    document = Document.objects.select_for_update(of=("self",)).filter(pk=document_id).first()
    if document is None:
        raise not_here(Document)
    check_can(by, Action.LOAD_DOCUMENT, document.desk_id, model=Document)
    if document.loading_state != LoadingState.FAILED:
        raise NotFailed("The loading of this article has not failed.")
    document.loading_state, document.loading_problem = LoadingState.LOADING, ""
    document.save(update_fields=["loading_state", "loading_problem"])
    order_article(document, checked_address(document.url), by)
    _log(Verb.ASKED_TO_LOAD, document, by, {"url": document.url})


def _check_whole(warnings: Iterable[str]) -> None:
    """Refuse an article of which only the beginning was read: nobody would see what is missing."""
    if "text_cut" in warnings:
        raise TextTooLarge


@transaction.atomic(durable=True)
def _store(
    desk: Desk,
    by: User,
    about: About,
    text: str,
    source_name: str,
    media_type: str,
    warnings: tuple[str, ...],
    proposals: list[Proposal],
) -> Document:
    document = Document.objects.create(
        desk=desk,
        created_by=by,
        loading_state=LoadingState.LOADING,
        title=about.title,
        url=about.url,
        outlet=about.outlet,
        author=about.author,
        published_on=about.published_on,
        language=about.language,
    )
    _finish(document, by, text, source_name, media_type, warnings, proposals)
    document.refresh_from_db(fields=["created_at", "updated_at"])
    return document


@transaction.atomic(durable=True)
def _complete(
    document_id: int, capture: Capture, text: str, language: str, proposals: list[Proposal]
) -> None:
    document = Document.objects.select_for_update(of=("self",)).get(pk=document_id)
    if document.loading_state != LoadingState.LOADING:
        return
    document.language = language
    if document.title == document.url[:500]:
        document.title = " ".join(capture.title.split())[:500] or title_from(text)
    document.outlet = document.outlet or capture.site[:200]
    document.author = document.author or capture.author[:300]
    document.published_on = document.published_on or capture.published_on
    warnings = tuple(capture.warnings)
    _finish(document, document.created_by, text, capture.final_url, capture.media_type, warnings, proposals)


@transaction.atomic(durable=True)
def _fail(document_id: int, problem: str) -> None:
    document = Document.objects.select_for_update(of=("self",)).get(pk=document_id)
    if document.loading_state != LoadingState.LOADING:
        return
    document.loading_state, document.loading_problem = LoadingState.FAILED, problem
    document.save(update_fields=["loading_state", "loading_problem"])
    _log(Verb.FAILED_TO_LOAD, document, None, {"problem": problem})


def _finish(
    document: Document,
    by: User,
    text: str,
    source_name: str,
    media_type: str,
    warnings: tuple[str, ...],
    proposals: list[Proposal],
) -> None:
    version = add_first_version(
        document, text=text, source_name=source_name, media_type=media_type, warnings=warnings, by=by
    )
    ids = store_proposals(version, proposals)
    _log(
        Verb.LOADED,
        document,
        by,
        {
            "language": document.language,
            "length": version.length,
            "sha256": version.sha256,
            "proposed": len(ids),
        },
    )


def _log(verb: Verb, document: Document, by: User | None, details: dict[str, object]) -> None:
    record(
        verb,
        desk_id=document.desk_id,
        by=by,
        object_type="document",
        object_id=document.pk,
        document_id=document.pk,
        to_state=document.loading_state,
        details=details,
    )
