"""The database holds each anchor against the characters of its text, wherever they stand."""

import pytest

from annotations.domain.documents.text import text_sha256
from annotations.models import Anchor, Claim, DocumentVersion
from tests.factories import Team, make_document, make_team
from tests.models.refusing import refused_by

pytestmark = pytest.mark.django_db

# Lines of every kind: none, short, as long as a piece, and so long that it is cut again and again.
LINES = ["Kop", "", "é" * 1999, "ß" * 2000, "x" * 2001, "y" * 2002, "één 🇻🇪 ’s‑nachts " * 700, "", "slot"]
TEXT = "\n".join(LINES)
PLACES = sorted(
    {
        (start, min(start + length, len(TEXT)))
        for start in [*range(0, len(TEXT), 97), *range(1995, 2012), *range(len(TEXT) - 6, len(TEXT))]
        for length in (1, 60, 4500)
    }
)


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture
def version(team: Team) -> DocumentVersion:
    version = make_document(team, TEXT).current_version
    assert version is not None
    return version


def anchors(team: Team, version: DocumentVersion) -> list[Anchor]:
    claims = Claim.objects.bulk_create(
        Claim(desk=team.desk, document=version.document, state="open", origin="proposed", statement="x")
        for _ in PLACES
    )
    return [
        Anchor(claim=claim, document_version=version, start=start, end=end, exact=TEXT[start:end])
        for claim, (start, end) in zip(claims, PLACES, strict=True)
    ]


def test_words_from_anywhere_in_a_text_are_held(team: Team, version: DocumentVersion) -> None:
    Anchor.objects.bulk_create(anchors(team, version))
    assert Anchor.objects.count() == len(PLACES)


@pytest.mark.parametrize("place", range(0, len(PLACES), 61))
def test_one_wrong_letter_among_many_anchors_refuses_all(
    team: Team, version: DocumentVersion, place: int
) -> None:
    given = anchors(team, version)
    exact = given[place].exact
    given[place].exact = exact[:-1] + ("q" if exact[-1] != "q" else "z")
    with refused_by("anchor_exact"):
        Anchor.objects.bulk_create(given)
    assert Anchor.objects.count() == 0


def test_nothing_stands_beyond_the_last_line(team: Team, version: DocumentVersion) -> None:
    [*_, anchor] = anchors(team, version)
    anchor.start, anchor.end, anchor.exact = len(TEXT) - 4, len(TEXT) + 1, "slot\n"
    with refused_by("anchor_exact"):
        anchor.save()
    anchor.end, anchor.exact = len(TEXT), "slot"
    anchor.save()


def test_anchors_of_several_texts_are_each_held_against_their_own(
    team: Team, version: DocumentVersion
) -> None:
    other = DocumentVersion.objects.create(
        document=version.document,
        number=2,
        text="Slot",
        sha256=text_sha256("Slot"),
        length=4,
        language="nl",
        created_by=team.editor,
    )
    first, second = anchors(team, version)[:2]
    first.start, first.end, first.exact = 0, 3, "Kop"
    second.document_version, second.start, second.end, second.exact = other, 0, 4, "slot"
    with refused_by("anchor_exact"):
        Anchor.objects.bulk_create([first, second])
    second.exact = "Slot"
    Anchor.objects.bulk_create([first, second])


def test_anchors_that_are_changed_are_held_to_their_text_too(team: Team, version: DocumentVersion) -> None:
    Anchor.objects.bulk_create(anchors(team, version))
    assert Anchor.objects.update(score=0.5) == len(PLACES)
    for anchor in Anchor.objects.order_by("pk")[::61]:
        wrong = anchor.exact[:-1] + ("q" if anchor.exact[-1] != "q" else "z")
        with refused_by("anchor_exact"):
            Anchor.objects.filter(pk=anchor.pk).update(exact=wrong)
