"""What of two readings of a page people are told of, and what is only logged."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.alerts import AlertLevel
from annotations.domain.captures.changes import PageContent, compare
from annotations.domain.captures.page_furniture import announces_correction, is_furniture

DUTCH = PageContent(
    text=(
        "Het ziekenhuis telde dinsdag vijftig gewonden na de onlusten in de hoofdstad.\n\n"
        "De meeste mensen konden dezelfde avond naar huis, zei een woordvoerder van de stad. "
        "Drie van hen liggen nog op de afdeling waar ernstig gewonden worden verzorgd.\n\n"
        "De burgemeester riep iedereen op om binnen te blijven tot het weer rustig was.\n\n"
        "Lees ook: Wat we weten over de opstand\n\n"
        "12 reacties"
    ),
    title="Vijftig gewonden bij onlusten",
    site="Het Avondblad",
    author="Door Anna Smit en Jan Bos",
    published_on=date(2019, 4, 30),
)
ENGLISH = PageContent(
    text=(
        "The river rose by two metres overnight and flooded the lower town, the water board said.\n\n"
        "Four hundred households were without power on Wednesday morning. Engineers expected to "
        "restore most of the network before nightfall, provided that the rain stopped.\n\n"
        "Schools stay closed until Friday. The council opened the sports hall for all who need a bed.\n\n"
        "1,204 views"
    ),
    title="Lower town under water",
    site="The Harbour Post",
    author="By Mary Lee",
    published_on=date(2021, 2, 3),
)
SPANISH = PageContent(
    text=(
        "El alcalde anunció el lunes que el puente viejo se cerrará durante seis meses.\n\n"
        "Las obras costarán cuatro millones de euros, según el presupuesto que aprobó el pleno. "
        "Los vecinos podrán cruzar a pie por una pasarela que se instalará en mayo.\n\n"
        "La oposición pidió un estudio del tráfico antes de empezar los trabajos en la zona.\n\n"
        "Publicado hace 3 horas"
    ),
    title="El puente viejo cierra medio año",
    site="La Ría",
    author="Redacción",
    published_on=date(2020, 3, 9),
)
PAGES = [DUTCH, ENGLISH, SPANISH]
NEW_PARAGRAPH = "Un portavoz del gobierno regional negó que existiera acuerdo alguno con el pueblo."


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_says_the_same_differs_in_nothing(page: PageContent) -> None:
    found = compare(page, page)
    assert (found.level, found.is_cosmetic, found.as_json()) == (None, False, {})


@pytest.mark.parametrize(
    ("page", "before", "after"),
    [
        (DUTCH, "12 reacties", "318 reacties"),
        (DUTCH, "Wat we weten over de opstand", "Minister treedt af na kritiek op de begroting"),
        (DUTCH, "\n\n12 reacties", "\n\nBijgewerkt om 14:32 uur\n\nAdvertentie\n\n40 reacties"),
        (DUTCH, "12 reacties", "30 april 2019, 18:05"),
        (ENGLISH, "1,204 views", "2 min read"),
        (ENGLISH, "1,204 views", "Updated 3 hours ago\n\nShare this\n\n© 2021 The Harbour Post"),
        (ENGLISH, "the water board said", "the water board  said"),
        (
            SPANISH,
            "Publicado hace 3 horas",
            "Actualizado 10 de marzo de 2020\n\nLea también: El nuevo mercado",
        ),
        (SPANISH, "Publicado hace 3 horas", "Compartir\n\n45 comentarios"),
    ],
)
def test_what_sites_put_round_their_texts_is_only_logged(page: PageContent, before: str, after: str) -> None:
    assert before in page.text
    found = compare(page, replace(page, text=page.text.replace(before, after)))
    assert found.level is None
    assert found.is_cosmetic
    assert found.as_json()["cosmetic"] is True


def test_paragraphs_in_another_order_are_only_logged() -> None:
    turned = "\n\n".join(reversed(ENGLISH.text.split("\n\n")))
    found = compare(ENGLISH, replace(ENGLISH, text=turned))
    assert (found.level, found.text.share) == (None, 0.0)


@pytest.mark.parametrize(
    ("page", "before", "after"),
    [
        (
            DUTCH,
            "De burgemeester riep iedereen op om binnen te blijven tot het weer rustig was.",
            "De burgemeester noemde de berichten over de onlusten sterk overdreven en vroeg om kalmte.",
        ),
        (ENGLISH, ENGLISH.text[ENGLISH.text.index("Schools") : ENGLISH.text.index("1,204")], ""),
        (
            SPANISH,
            "La oposición pidió",
            f"{NEW_PARAGRAPH}\n\nLa oposición pidió",
        ),
    ],
)
def test_a_large_part_of_the_text_counts_as_text(page: PageContent, before: str, after: str) -> None:
    assert before in page.text
    assert compare(page, replace(page, text=page.text.replace(before, after))).level is AlertLevel.TEXT


@pytest.mark.parametrize(
    ("page", "notice"),
    [
        (DUTCH, "Correctie: in dit bericht stond een verkeerd aantal."),
        (DUTCH, "In een eerdere versie stond dat de avondklok gold."),
        (ENGLISH, "Correction: this report gave the wrong town."),
        (ENGLISH, "An earlier version named the wrong board."),
        (SPANISH, "Fe de erratas: el puente es de 1911."),
    ],
)
def test_a_correction_counts_however_short_it_is(page: PageContent, notice: str) -> None:
    found = compare(page, replace(page, text=f"{page.text}\n\n{notice}"))
    assert found.level is AlertLevel.TEXT
    assert found.text.correction == notice


def test_a_few_other_words_in_a_long_text_are_only_logged() -> None:
    found = compare(DUTCH, replace(DUTCH, text=DUTCH.text.replace("dezelfde avond", "nog die avond")))
    assert (found.level, found.is_cosmetic) == (None, True)


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({"title": "Twintig gewonden bij onlusten"}, ["title"]),
        ({"title": "Vijftig gewonden bij onlusten - twee doden"}, ["title"]),
        ({"author": "Door Anna Smit"}, ["author"]),
        ({"author": ""}, ["author"]),
        ({"published_on": date(2019, 5, 1)}, ["published_on"]),
        ({"published_on": None}, ["published_on"]),
        ({"title": "", "author": "Piet"}, ["title", "author"]),
    ],
)
def test_headline_author_and_date_count_as_details(changed: dict[str, object], names: list[str]) -> None:
    found = compare(DUTCH, replace(DUTCH, **changed))  # type: ignore[arg-type]
    assert (found.level, list(found.details)) == (AlertLevel.DETAILS, names)


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Vijftig gewonden bij onlusten | Het Avondblad"},
        {"title": "(3) Vijftig gewonden  bij onlusten"},
        {"title": "VIJFTIG GEWONDEN BIJ ONLUSTEN"},
        {"author": "Jan Bos, Anna Smit"},
        {"author": "ANNA SMIT & JAN BOS"},
        {"site": "Avondblad"},
    ],
)
def test_another_way_to_write_a_detail_is_no_change(changed: dict[str, object]) -> None:
    assert compare(DUTCH, replace(DUTCH, **changed)).level is None  # type: ignore[arg-type]


def test_a_file_without_text_counts_when_it_is_another_file() -> None:
    picture = PageContent(text="", file_sha256="a" * 64)
    assert compare(picture, picture).level is None
    other = compare(picture, replace(picture, file_sha256="b" * 64))
    assert (other.level, other.as_json()) == (AlertLevel.TEXT, {"text": {"file": True}})


def test_a_page_whose_text_is_read_is_not_measured_by_its_bytes() -> None:
    one = replace(DUTCH, file_sha256="a" * 64)
    assert compare(one, replace(one, file_sha256="b" * 64)).level is None


def test_details_come_before_text() -> None:
    assert compare(DUTCH, replace(ENGLISH, published_on=None)).level is AlertLevel.DETAILS


@pytest.mark.parametrize(
    "line",
    [
        "Updated figures show sixty dead in the province.",
        "Published accounts put the number at 40.",
        "Share prices fell by ten per cent on Monday.",
        "Comments by the minister caused anger among 200 farmers.",
        "Reacties van ministers bleven uit, zei hij.",
        "Publicado el informe, dimitió el ministro de Sanidad.",
        "Fifty were injured.",
        "50 dead",
        "Op 30 april 2019 riep hij het leger op.",
    ],
)
def test_a_line_about_the_subject_is_never_furniture(line: str) -> None:
    assert not is_furniture(line)


def test_a_correction_is_no_furniture() -> None:
    assert announces_correction("UPDATE 12:30: The name was wrong")
    assert not is_furniture("Update: the name was wrong")


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_two_texts_compare_and_the_share_is_a_share(one: str, other: str) -> None:
    found = compare(PageContent(text=one), PageContent(text=other))
    assert 0 <= found.text.share <= 1
    assert compare(PageContent(text=one), PageContent(text=one)).level is None


def words(count: int, word: str) -> str:
    return " ".join(f"{word}{number}" for number in range(count))


@pytest.mark.parametrize(("changed", "told"), [(149, False), (150, True), (151, True)])
def test_so_many_other_words_are_another_text_however_long_the_page_is(changed: int, told: bool) -> None:
    rest = "\n".join(words(50, f"same{line}") for line in range(60))
    found = compare(
        PageContent(f"{rest}\n{words(changed, 'old')}"), PageContent(f"{rest}\n{words(changed, 'new')}")
    )
    assert found.text.share < 0.1
    assert (found.level, found.is_cosmetic) == ((AlertLevel.TEXT, False) if told else (None, True))


@pytest.mark.parametrize(("changed", "told"), [(7, False), (8, True)])
def test_a_few_other_words_are_no_other_text_however_short_the_page_is(changed: int, told: bool) -> None:
    found = compare(PageContent(words(changed, "old")), PageContent(words(changed, "new")))
    assert (found.level is AlertLevel.TEXT) == told


def test_a_page_that_lost_its_text_is_not_compared_as_a_file() -> None:
    text, scan = PageContent("Fifty.", file_sha256="a"), PageContent("", file_sha256="b")
    assert not compare(text, scan).other_file
    assert not compare(scan, text).other_file
    assert not compare(scan, PageContent("")).other_file
    assert compare(scan, PageContent("", file_sha256="c")).other_file
    assert compare(scan, PageContent("", file_sha256="c")).level is AlertLevel.TEXT


def test_a_detail_that_came_or_went_is_shown_with_an_empty_side() -> None:
    found = compare(PageContent("x", author="Ann"), PageContent("x", published_on=date(2019, 4, 30)))
    assert found.as_json() == {"details": {"author": ["Ann", ""], "published_on": ["", "2019-04-30"]}}


def test_a_correction_is_shown_with_the_words_that_announce_it() -> None:
    found = compare(PageContent("One."), PageContent("One.\nCorrection: it was two."))
    shown = found.as_json()["text"]
    assert isinstance(shown, dict)
    assert shown["correction"] == "Correction: it was two."
    other = compare(PageContent(words(9, "old")), PageContent(words(9, "new"))).as_json()["text"]
    assert isinstance(other, dict)
    assert set(other) == {"share", "removed", "added"}


def test_a_line_that_comes_a_second_time_counts_each_time() -> None:
    line = words(20, "word")
    found = compare(PageContent("One."), PageContent(f"One.\n{line}\n{line}"))
    assert (found.text.removed, found.text.added) == (0, 40)


def test_blank_lines_are_no_words() -> None:
    assert compare(PageContent(words(30, "same")), PageContent(words(30, "same") + "\n\n\n")).text.share == 0


@pytest.mark.parametrize(
    "line",
    ["© 2021 The Post", "(c) The Post", "See also the story of the flood", "12 likes", "30 April 2019"],
)
def test_a_line_about_the_site_alone_says_nothing(line: str) -> None:
    assert is_furniture(line) is True


@pytest.mark.parametrize(
    "line", ["The river rose.", "Twelve people liked the plan, the mayor said.", "12 dead"]
)
def test_a_line_about_the_subject_says_something(line: str) -> None:
    assert is_furniture(line) is False
