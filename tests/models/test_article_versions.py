"""An article goes on to a later version of its own in which every claim has a place, by SQL too."""

import pytest
from django.db import connection

from annotations.domain.documents.text import text_sha256
from annotations.models import Anchor, Document, DocumentVersion
from tests.factories import TEXT, Team, make_claim, make_claim_in_review, make_document, make_verified_claim
from tests.models.refusing import refused_by

pytestmark = pytest.mark.django_db


def version_of(document: Document, number: int) -> DocumentVersion:
    return DocumentVersion.objects.create(
        document=document, number=number, text=TEXT, sha256=text_sha256(TEXT), length=len(TEXT), language="nl"
    )


def make_current(document: Document, version: DocumentVersion | None) -> None:
    Document.objects.filter(pk=document.pk).update(current_version=version)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def current_number(document: Document) -> int | None:
    return Document.objects.values_list("current_version__number", flat=True).get(pk=document.pk)


def test_a_later_version_that_waits_does_not_let_an_article_go_back(team: Team) -> None:
    document = make_document(team)
    first, second = document.current_version, version_of(document, 2)
    make_current(document, second)
    version_of(document, 3)

    with refused_by("document_goes_forward"):
        make_current(document, first)

    assert current_number(document) == 2


def test_an_article_never_shows_a_later_version_of_another_article(team: Team) -> None:
    document, other = make_document(team), make_document(team)
    theirs = version_of(other, 2)

    with refused_by("document_goes_forward"):
        make_current(document, theirs)

    assert current_number(document) == 1


def test_an_article_that_is_loading_does_not_begin_with_the_text_of_another(team: Team) -> None:
    theirs = make_document(team).current_version
    document = Document.objects.create(
        desk=team.desk, title="New", loading_state="loading", created_by=team.editor
    )

    with refused_by("document_goes_forward"):
        make_current(document, theirs)

    assert current_number(document) is None


def test_an_article_is_saved_again_with_the_version_it_has(team: Team) -> None:
    document = make_document(team)
    make_claim(team, document=document)

    make_current(document, document.current_version)

    assert current_number(document) == 1


def test_a_claim_that_has_its_place_finds_none_for_another(team: Team) -> None:
    document = make_document(team)
    placed, _ = make_claim(team, document=document), make_claim(team, document=document, words="SEBIN")
    second = version_of(document, 2)
    old = Anchor.objects.get(claim=placed)
    Anchor.objects.create(
        claim=placed, document_version=second, start=old.start, end=old.end, exact=old.exact, state="exact"
    )

    with refused_by("document_claims_placed"):
        make_current(document, second)

    assert current_number(document) == 1


@pytest.mark.parametrize("make", [make_claim_in_review, make_verified_claim])
@pytest.mark.parametrize("state", ["exact", "moved", "confirmed"])
def test_other_words_are_not_those_that_were_signed(team: Team, make, state: str) -> None:  # type: ignore[no-untyped-def]
    claim = make(team)
    start = TEXT.index("SEBIN")

    with refused_by("anchor_of_record"):
        Anchor.objects.create(
            claim=claim,
            document_version=version_of(claim.document, 2),
            start=start,
            end=start + 5,
            exact="SEBIN",
            state=state,
        )

    assert claim.anchors.count() == 1


@pytest.mark.parametrize("make", [make_claim_in_review, make_verified_claim])
@pytest.mark.parametrize("state", ["ambiguous", "edited"])
def test_other_words_under_a_signature_wait_for_a_person(team: Team, make, state: str) -> None:  # type: ignore[no-untyped-def]
    claim = make(team)
    start = TEXT.index("SEBIN")

    Anchor.objects.create(
        claim=claim,
        document_version=version_of(claim.document, 2),
        start=start,
        end=start + 5,
        exact="SEBIN",
        state=state,
    )

    assert claim.anchors.count() == 2


@pytest.mark.parametrize("make", [make_claim_in_review, make_verified_claim])
def test_words_that_were_signed_may_be_gone_from_a_later_version(team: Team, make) -> None:  # type: ignore[no-untyped-def]
    claim = make(team)
    later = version_of(claim.document, 2)

    Anchor.objects.create(claim=claim, document_version=later, start=0, end=0, exact="", state="orphaned")

    assert claim.anchors.count() == 2
