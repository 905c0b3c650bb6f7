"""Load an article: by pasted text, by file, by address.

Reading a file and proposing claims take time, so they hold no lock; each function then writes in one
transaction.
"""

from collections.abc import Iterable
from dataclasses import replace

from django.db import transaction

from annotations.domain.activity import Verb
from annotations.domain.desks.roles import Action
from annotations.domain.documents.text import TextTooLarge, clean_text
from annotations.domain.errors import Refused, WrongState
from annotations.domain.fetches.outcomes import sentence_of
from annotations.domain.fetches.states import FetchState
from annotations.extraction import extract_document
from annotations.models import Capture, Desk, Document, FetchJob, LoadingState, User
from annotations.permissions import check_can, check_can_now
from annotations.suggesting import Proposal, detect
from annotations.suggesting import propose as propose_claims
from annotations.visibility import not_here
from annotations.workflow.activity import record
from annotations.workflow.documents.particulars import (
    LONGEST,
    NOTHING_KNOWN,
    About,
    checked_about,
    title_from,
)
from annotations.workflow.documents.versions import VersionText, add_first_version, store_proposals
from annotations.workflow.fetches.enqueue import checked_address, order_article


class NotFailed(WrongState):
    """Only an article whose loading failed can be loaded again."""

    code = "loading_not_failed"


def load_text(
    *,
    desk: Desk,
    by: User,
    text: str,
    about: About = NOTHING_KNOWN,
    source_name: str = "",
    propose: bool = True,
) -> Document:
    """Store an article with its first version and the claims proposed from it.

    The text is normalised; without a title its first line serves; without a language it is detected.
    `source_name` says what the text was taken from. Raises Missing, NotAllowed, DocumentRefused,
    TextEmpty, TextTooLarge or TextBinary.
    """
    check_can(by, Action.LOAD_DOCUMENT, desk.pk)
    return _load(desk, by, about, VersionText(text, source_name), propose=propose)


def load_file(
    *,
    desk: Desk,
    by: User,
    filename: str,
    content: bytes,
    declared_type: str = "",
    about: About = NOTHING_KNOWN,
    propose: bool = True,
) -> Document:
    """Store an uploaded article: `.txt`, `.html`, `.docx` or `.pdf`, read in a process of its own.

    What is given wins over what the file says about itself. Raises as `load_text` does, and the
    subclasses of `extraction.Unreadable`.
    """
    check_can(by, Action.LOAD_DOCUMENT, desk.pk)
    read = extract_document(content, filename, declared_type)
    _check_whole(read.warnings)
    about = replace(
        about,
        title=about.title or read.title[: LONGEST["title"]],
        outlet=about.outlet or read.site[: LONGEST["outlet"]],
        author=about.author or read.author[: LONGEST["author"]],
        published_on=about.published_on or read.published_on,
    )
    text = VersionText(read.text, filename, read.media_type, read.warnings)
    return _load(desk, by, about, text, propose=propose)


@transaction.atomic(durable=True)
def load_address(*, desk: Desk, by: User, url: str, about: About = NOTHING_KNOWN) -> Document:
    """Store an article without text yet and ask for its page to be fetched.

    Until then it is `loading`, with its address for a title where none is given. The address is `url`,
    whatever `about` says. Raises Missing, NotAllowed, DocumentRefused, AlreadyLoading, or a subclass of
    AddressRefused.
    """
    check_can(by, Action.LOAD_DOCUMENT, desk.pk)
    address = checked_address(url)
    about = checked_about(replace(about, url=address.url), title_needed=False)
    document = _create(desk, by, replace(about, title=about.title or about.url[: LONGEST["title"]]))
    order_article(document, address, by)
    _log(Verb.ASKED_TO_LOAD, document, by, {"url": about.url})
    return document


def complete_loading(document_id: int) -> None:
    """Finish an article loaded by address, once its page is fetched or the fetch is given up.

    With a page the article becomes ready and its claims are proposed. Without one, or with a page that
    holds no article, it becomes `failed` and says why. Does nothing while the fetch goes on, and nothing
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
    check_can_now(by, Action.LOAD_DOCUMENT, document.desk_id, model=Document)
    if document.loading_state != LoadingState.FAILED:
        raise NotFailed("The loading of this article has not failed.")
    document.loading_state, document.loading_problem = LoadingState.LOADING, ""
    document.save(update_fields=["loading_state", "loading_problem"])
    order_article(document, checked_address(document.url), by)
    _log(Verb.ASKED_TO_LOAD, document, by, {"url": document.url})


def _check_whole(warnings: Iterable[str]) -> None:
    """Refuse an article of which only the beginning was read, since nobody would see what is missing."""
    if "text_cut" in warnings:
        raise TextTooLarge


def _load(desk: Desk, by: User, about: About, text: VersionText, *, propose: bool) -> Document:
    about = checked_about(about, title_needed=False)
    text = replace(text, text=clean_text(text.text))
    about = replace(
        about,
        title=about.title or title_from(text.text),
        language=about.language or detect(text.text),
    )
    return _store(desk, by, about, text, propose_claims(text.text, about.language) if propose else [])


@transaction.atomic(durable=True)
def _store(desk: Desk, by: User, about: About, text: VersionText, proposals: list[Proposal]) -> Document:
    document = _create(desk, by, about)
    _finish(document, by, text, proposals)
    document.refresh_from_db(fields=["created_at", "updated_at"])
    return document


def _create(desk: Desk, by: User, about: About) -> Document:
    return Document.objects.create(
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


@transaction.atomic(durable=True)
def _complete(
    document_id: int, capture: Capture, text: str, language: str, proposals: list[Proposal]
) -> None:
    document = Document.objects.select_for_update(of=("self",)).get(pk=document_id)
    if document.loading_state != LoadingState.LOADING:
        return
    document.language = language
    if document.title == document.url[: LONGEST["title"]]:
        document.title = " ".join(capture.title.split())[: LONGEST["title"]] or title_from(text)
    document.outlet = document.outlet or capture.site[: LONGEST["outlet"]]
    document.author = document.author or capture.author[: LONGEST["author"]]
    document.published_on = document.published_on or capture.published_on
    read = VersionText(text, capture.final_url, capture.media_type, tuple(capture.warnings))
    _finish(document, document.created_by, read, proposals)


@transaction.atomic(durable=True)
def _fail(document_id: int, problem: str) -> None:
    document = Document.objects.select_for_update(of=("self",)).get(pk=document_id)
    if document.loading_state != LoadingState.LOADING:
        return
    document.loading_state, document.loading_problem = LoadingState.FAILED, problem
    document.save(update_fields=["loading_state", "loading_problem"])
    _log(Verb.FAILED_TO_LOAD, document, None, {"problem": problem})


def _finish(document: Document, by: User, text: VersionText, proposals: list[Proposal]) -> None:
    version = add_first_version(document, text, by)
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
