"""An article comes in whole, with its claims proposed, or not at all."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.domain.documents.text import TextBinary, TextEmpty, TextTooLarge, text_sha256
from annotations.domain.errors import Missing, NotAllowed, Refused
from annotations.extraction import Unreadable
from annotations.models import (
    Activity,
    Anchor,
    Capture,
    Claim,
    Desk,
    Document,
    DocumentVersion,
    FetchJob,
    Membership,
    Reference,
    User,
)
from annotations.queries.activity import activity_of_claim
from annotations.workflow.claims.edit import accept_claims, create_claim
from annotations.workflow.documents.load import (
    NotFailed,
    complete_loading,
    load_address,
    load_file,
    load_text,
    retry_loading,
)
from annotations.workflow.documents.particulars import About, DocumentRefused
from annotations.workflow.fetches.enqueue import AlreadyLoading

pytestmark = pytest.mark.django_db

TEXT = (
    "Onrust in Caracas\r\n\r\n\r\nVolgens een woordvoerder van het ziekenhuis zijn minstens vijftig gewonden "
    "binnengebracht. Het was warm.\r\n\r\nLeopoldo López zei dat hij ’s-nachts door soldaten was bevrijd. 🇻🇪"
)
TABLES = (Document, DocumentVersion, Claim, Anchor, Activity, Reference, FetchJob)


@pytest.fixture
def desk() -> Desk:
    return Desk.objects.create(name="Foreign", slug="foreign")


@pytest.fixture
def editor(desk: Desk) -> User:
    return member(desk, "edith", "editor")


def member(desk: Desk, name: str, role: str) -> User:
    user = User.objects.create(username=name)
    Membership.objects.create(desk=desk, user=user, role=role)
    return user


def counts() -> list[int]:
    return [table.objects.count() for table in TABLES]  # type: ignore[attr-defined]


def refuses(kind: type[Refused], action: Callable[[], object]) -> Refused:
    before = counts()
    with pytest.raises(kind) as refusal:
        action()
    assert counts() == before
    return refusal.value


def test_pasted_text_becomes_an_immutable_version_and_proposed_claims(desk: Desk, editor: User) -> None:
    document = load_text(
        desk=desk,
        by=editor,
        text=TEXT,
        about=About(" Een  dag ", outlet="Krant", published_on=date(2019, 5, 1)),
    )
    version = document.current_version
    assert version is not None
    assert (document.title, document.outlet, document.language) == ("Een dag", "Krant", "nl")
    assert (document.loading_state, version.number, version.length) == ("ready", 1, len(version.text))
    assert version.sha256 == text_sha256(version.text)
    assert version.text.startswith("Onrust in Caracas\n\nVolgens een")
    claims = Claim.objects.filter(document=document).order_by("id")
    assert [claim.statement for claim in claims] == [
        "Volgens een woordvoerder van het ziekenhuis zijn minstens vijftig gewonden binnengebracht.",
        "Leopoldo López zei dat hij ’s-nachts door soldaten was bevrijd.",
    ]
    best = claims[0]
    assert (best.state, best.origin, best.priority) == ("proposed", "proposed", 3)
    assert (best.created_by, best.statement_author_ids) == (None, [])
    assert (best.statement_author_ids, best.contributor_ids) == ([], [])
    assert (best.claimant_name, best.claimant_kind) == ("", "person")
    assert best.claimant_role == "woordvoerder van het ziekenhuis"
    assert best.score_reasons["figure"] == "vijftig"
    assert (best.score or 0) > 0.7
    for claim in claims:
        anchor = Anchor.objects.get(claim=claim, document_version=version)
        assert version.text[anchor.start : anchor.end] == anchor.exact == claim.statement
        assert (anchor.state, anchor.score) == ("exact", 1.0)


def test_the_log_holds_a_line_for_the_article_and_one_for_all_its_claims(desk: Desk, editor: User) -> None:
    document = load_text(desk=desk, by=editor, text=TEXT)
    lines = Activity.objects.filter(document_id=document.pk).order_by("id")
    assert [(line.verb, line.object_type, line.actor_id, line.claim_id) for line in lines] == [
        ("proposed_claims", "document", None, None),
        ("loaded", "document", editor.pk, None),
    ]
    assert (lines[0].details, lines[0].to_state) == ({"claims": 2}, "proposed")
    assert lines[1].details["proposed"] == 2


def test_the_log_of_a_proposed_claim_begins_with_the_line_that_proposed_it(desk: Desk, editor: User) -> None:
    load_text(desk=desk, by=editor, text="Elders zijn drie mensen gewond, zei de politie.")
    document = load_text(desk=desk, by=editor, text=TEXT)
    proposed = Claim.objects.filter(document=document).earliest("pk")
    accept_claims([proposed.pk], by=editor)
    assert document.current_version is not None
    start = document.current_version.text.index("zei")
    selected = create_claim(document.pk, start=start, end=start + 3, exact="zei", by=editor)
    of_proposed, of_selected = (activity_of_claim(editor, claim.pk).rows for claim in (proposed, selected))
    assert [line.verb for line in of_proposed] == ["accepted", "proposed_claims"]
    assert of_proposed[1].document_id == document.pk
    assert [line.verb for line in of_selected] == ["created"]


def test_an_untitled_article_takes_its_first_line(desk: Desk, editor: User) -> None:
    assert load_text(desk=desk, by=editor, text=TEXT).title == "Onrust in Caracas"
    long = load_text(desk=desk, by=editor, text="woord " * 60)
    assert len(long.title) <= 121
    assert long.title.endswith("woord…")


def test_a_language_given_goes_before_the_one_detected(desk: Desk, editor: User) -> None:
    assert load_text(desk=desk, by=editor, text=TEXT, about=About(language="NL-be")).language == "nl-be"
    assert (
        load_text(desk=desk, by=editor, text="据医院称，有五十人受伤。总统昨天更换了情报局长。").language
        == "zh"
    )


def test_a_text_with_nothing_to_check_loads_without_claims(desk: Desk, editor: User) -> None:
    assert load_text(desk=desk, by=editor, text="Mooi weer?").claims.count() == 0
    assert load_text(desk=desk, by=editor, text=TEXT, propose=False).claims.count() == 0


@pytest.mark.parametrize(
    ("kind", "text"),
    [(TextEmpty, " \n "), (TextBinary, "%PDF-1.7 …"), (TextTooLarge, "a " * 1_000_001)],
)
def test_what_is_no_article_is_refused_and_nothing_is_stored(
    desk: Desk, editor: User, kind: type[Refused], text: str
) -> None:
    refuses(kind, lambda: load_text(desk=desk, by=editor, text=text))


def test_particulars_that_cannot_be_used_are_named_field_by_field(desk: Desk, editor: User) -> None:
    refusal = refuses(
        DocumentRefused,
        lambda: load_text(
            desk=desk,
            by=editor,
            text=TEXT,
            about=About(title="x" * 501, url="javascript:alert(1)", language="Nederlands!"),
        ),
    )
    assert sorted(refusal.fields) == ["language", "title", "url"]


def test_a_viewer_cannot_load_and_a_stranger_finds_no_desk(desk: Desk) -> None:
    viewer = member(desk, "vera", "viewer")
    stranger = User.objects.create(username="stranger")
    for action in (
        lambda by: load_text(desk=desk, by=by, text=TEXT),
        lambda by: load_file(desk=desk, by=by, filename="a.txt", content=TEXT.encode()),
        lambda by: load_address(desk=desk, by=by, url="https://example.org/a"),
    ):
        refuses(NotAllowed, lambda action=action: action(viewer))
        refuses(Missing, lambda action=action: action(stranger))


def test_a_file_is_read_and_its_name_kept(desk: Desk, editor: User) -> None:
    document = load_file(desk=desk, by=editor, filename="bericht.txt", content=TEXT.encode("utf-16"))
    version = document.current_version
    assert version is not None
    assert (version.source_name, version.media_type) == ("bericht.txt", "text/plain")
    assert document.claims.count() == 2


def test_a_file_without_text_is_refused(desk: Desk, editor: User) -> None:
    refuses(Unreadable, lambda: load_file(desk=desk, by=editor, filename="a.txt", content=b""))
    refuses(
        Unreadable,
        lambda: load_file(desk=desk, by=editor, filename="a.pdf", content=b"\x89PNG\r\n\x1a\n\x00"),
    )


def test_a_file_longer_than_an_article_is_refused_whole(desk: Desk, editor: User) -> None:
    long = b"Op 1 mei vielen 50 gewonden.\n\n" * 70_000
    refusal = refuses(TextTooLarge, lambda: load_file(desk=desk, by=editor, filename="big.txt", content=long))
    assert "Split it" in refusal.sentence


def test_the_number_of_queries_does_not_grow_with_the_article(desk: Desk, editor: User) -> None:
    sentences = " ".join(f"Op {day} mei 2019 vielen {day} gewonden." for day in range(1, 29))
    load_text(desk=desk, by=editor, text=TEXT)
    with CaptureQueriesContext(connection) as few:
        load_text(desk=desk, by=editor, text=TEXT)
    with CaptureQueriesContext(connection) as many:
        load_text(desk=desk, by=editor, text="\n\n".join([sentences] * 8))
    assert Claim.objects.count() > 200
    assert len(many) == len(few)


def test_an_address_waits_for_its_page_and_becomes_an_article(desk: Desk, editor: User) -> None:
    document = load_address(
        desk=desk, by=editor, url=" https://Example.org/artikel#x ", about=About(author="A. Uteur")
    )
    assert (document.loading_state, document.current_version, document.url) == (
        "loading",
        None,
        "https://example.org/artikel",
    )
    job = FetchJob.objects.get(document=document)
    complete_loading(document.pk)
    document.refresh_from_db()
    assert document.loading_state == "loading"
    fetched(job, TEXT, title="De titel", author="Iemand anders")
    complete_loading(document.pk)
    document.refresh_from_db()
    assert (document.loading_state, document.title, document.author) == ("ready", "De titel", "A. Uteur")
    assert document.claims.count() == 2
    before = counts()
    complete_loading(document.pk)
    assert counts() == before


def test_a_page_that_was_not_fetched_fails_the_article_with_a_reason_until_retried(
    desk: Desk, editor: User
) -> None:
    document = load_address(desk=desk, by=editor, url="https://example.org/artikel")
    job = FetchJob.objects.get(document=document)
    refuses(NotFailed, lambda: retry_loading(document.pk, by=editor))
    failed(job)
    complete_loading(document.pk)
    document.refresh_from_db()
    assert document.loading_state == "failed"
    assert document.loading_problem != ""
    retry_loading(document.pk, by=editor)
    document.refresh_from_db()
    assert (document.loading_state, document.loading_problem) == ("loading", "")
    assert FetchJob.objects.filter(document=document, state="queued").count() == 1


def test_a_page_without_an_article_fails_the_article(desk: Desk, editor: User) -> None:
    document = load_address(desk=desk, by=editor, url="https://example.org/leeg")
    fetched(FetchJob.objects.get(document=document), "")
    complete_loading(document.pk)
    document.refresh_from_db()
    assert document.loading_state == "failed"
    assert "no article was found" in document.loading_problem


def test_a_page_of_which_only_the_beginning_was_read_is_no_article(desk: Desk, editor: User) -> None:
    document = load_address(desk=desk, by=editor, url="https://example.org/lang")
    fetched(FetchJob.objects.get(document=document), TEXT, warnings=["text_cut"])
    complete_loading(document.pk)
    document.refresh_from_db()
    assert (document.loading_state, document.current_version) == ("failed", None)
    assert "larger than 2 MB" in document.loading_problem


def test_one_address_is_loaded_once_at_a_time(desk: Desk, editor: User) -> None:
    load_address(desk=desk, by=editor, url="https://example.org/artikel")
    refuses(AlreadyLoading, lambda: load_address(desk=desk, by=editor, url="https://example.org/artikel#kop"))


def fetched(job: FetchJob, text: str, **about: Any) -> None:
    FetchJob.objects.filter(pk=job.pk).update(
        state="fetched", finished_at=job.created_at, next_attempt_at=None
    )
    Capture.objects.create(
        reference_id=job.reference_id,
        job=job,
        outcome_code="ok",
        body_sha256="0" * 64,
        body_size=1,
        body_key="x",
        media_type="text/html",
        text=text,
        **about,
    )


def failed(job: FetchJob) -> None:
    FetchJob.objects.filter(pk=job.pk).update(
        state="failed", finished_at=job.created_at, next_attempt_at=None, error_code="http_not_found"
    )
