import csv
import io

import pytest

from annotations.exports.csv import COLUMNS, csv_bytes, inert
from tests.exports.samples import evidence, head, row


def read(*rows):
    text = b"".join(csv_bytes(head(*rows), rows)).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("before", ["", " ", "\u00a0", "\u200b", "\ufeff", "\u3000  "])
def test_a_cell_that_leads_with_a_sign_is_inert(sign, before):
    assert inert(f"{before}{sign}1+1") == f"'{before}{sign}1+1"


@pytest.mark.parametrize("lead", ["\t", "\r", "\n", "\0"])
def test_a_cell_that_leads_with_a_control_is_inert(lead):
    assert inert(f"{lead}x") == f"'{lead}x"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("split", [";", "\t", "\n", "\r"])
def test_a_sign_is_inert_where_another_locale_splits_the_cell(split, sign):
    assert inert(f"so{split}{sign}1") == f"so{split}'{sign}1"


@pytest.mark.parametrize(
    "cell", ["", "plain", "a=b", "1-2", "Curaçao", "two\n\nparagraphs", "'s avonds; later", "€ 5"]
)
def test_harmless_text_is_unchanged(cell):
    assert inert(cell) == cell


def test_a_separator_hidden_in_a_cell_opens_no_new_cell():
    [cells] = read(row(statement="a\u001f=1", said_where="\u001f"))
    assert (cells["statement"], cells["said_where"], cells["source_notes"]) == (
        "a =1",
        " ",
        "The spokesperson is quoted by name.",
    )


def test_it_opens_with_a_byte_order_mark_and_ends_lines_as_rfc_4180_asks():
    data = b"".join(csv_bytes(head(), []))
    assert data == b"\xef\xbb\xbf" + ",".join(f'"{name}"' for name in COLUMNS).encode() + b"\r\n"


def test_every_value_survives_quotes_commas_and_line_ends():
    [read_row] = read(row(statement='He said "yes", then "no"', reasoning="One.\r\n\r\nTwo, three."))
    assert read_row["statement"] == 'He said "yes", then "no"'
    assert read_row["reasoning"] == "One.\r\n\r\nTwo, three."
    assert read_row["url"] == "https://checks.example.net/reports/12/#claim-7"
    assert read_row["rating_value"] == "4"


def test_no_cell_of_a_hostile_row_is_a_formula():
    attack = '=HYPERLINK("https://evil.example","x")'
    hostile = row(
        statement=attack,
        exact=attack,
        reasoning=attack,
        tags=[attack],
        said_where=attack,
        evidence=[evidence(passage=attack, note=attack, url=attack)],
    )
    [cells] = read(hostile)
    assert [name for name, value in cells.items() if value[:1] in "=+-@" and value] == []
    assert cells["statement"] == f"'{attack}"


def test_sources_keep_their_order_in_each_of_their_cells():
    first, second = (
        evidence(title="A\nB", note=""),
        evidence(stance="refutes", title="", site="Other", url="https://o.example/"),
    )
    [cells] = read(row(evidence=[first, second]))
    assert cells["sources"] == "supports: A B (Example News)\nrefutes: Other"
    assert cells["source_urls"] == "https://news.example.org/injured?day=30&page=1\nhttps://o.example/"
    assert cells["source_notes"] == "'\nThe spokesperson is quoted by name."


def test_every_column_says_what_the_report_says():
    [cells] = read(row())
    assert cells == {
        "number": "1",
        "claim": "7",
        "url": "https://checks.example.net/reports/12/#claim-7",
        "statement": "At least fifty people were injured in Caracas on 30 April 2019.",
        "exact_words": "zeker vijftig gewonden binnengebracht",
        "claimant": "Maria Pérez",
        "claimant_kind": "person",
        "claimant_role": "hospital spokesperson",
        "said_on": "2019-04-30",
        "said_where": "Caracas",
        "chosen_because": "Widely repeated.",
        "language": "nl",
        "tags": "injured, caracas",
        "rating": "Mostly true",
        "rating_slug": "mostly-true",
        "rating_value": "4",
        "rating_worst": "1",
        "rating_best": "5",
        "rating_scale": "Accuracy",
        "reasoning": "Three sources agree.\n\nOne counts higher.",
        "as_of": "2019-05-03",
        "verdict_number": "1",
        "verdict_by": "Edith Or",
        "verdict_at": "2019-05-03T10:00:00Z",
        "reviewed_by": "Rev Iewer",
        "reviewed_at": "2019-05-03T11:00:00Z",
        "document": "Onrust in Caracas",
        "document_url": "https://paper.example.com/onrust",
        "document_outlet": "The Paper",
        "document_author": "R. Edacteur",
        "document_published_on": "2019-04-30",
        "document_version": "2",
        "document_sha256": "a" * 64,
        "start": "120",
        "end": "157",
        "sources": "supports: Hospital counts the injured (Example News)",
        "source_urls": "https://news.example.org/injured?day=30&page=1",
        "source_passages": "“At least fifty people were brought in.”",
        "source_notes": "The spokesperson is quoted by name.",
    }


def test_what_is_not_known_is_an_empty_cell():
    plain = row()
    unrated = plain["rating"] | {"value": None, "best": None, "worst": None}
    [cells] = read(
        row(said_on=None, document=plain["document"] | {"published_on": None}, rating=unrated, evidence=[])
    )
    for name in (
        "said_on",
        "document_published_on",
        "rating_value",
        "rating_best",
        "rating_worst",
        "sources",
    ):
        assert cells[name] == ""


def test_claims_are_numbered_from_one():
    rows = [row(claim=str(number)) for number in (7, 8, 9)]
    assert [cells["number"] for cells in read(*rows)] == ["1", "2", "3"]


def test_a_source_without_a_site_is_named_by_its_title():
    [cells] = read(row(evidence=[evidence(site="")]))
    assert cells["sources"] == "supports: Hospital counts the injured"
