import hashlib
import json
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.reports.contents import canonical
from annotations.exports.json import json_bytes
from tests.exports.samples import evidence, head, row

SCHEMA = json.loads(files("annotations.exports").joinpath("report.schema.json").read_text())


def written(*rows):
    return b"".join(json_bytes(head(*rows), rows))


@pytest.mark.parametrize(
    "rows", [[], [row()], [row(), row(claim="8", anchor="claim-8", said_on=None, evidence=[])]]
)
def test_the_file_keeps_to_its_published_schema(rows):
    jsonschema.validate(json.loads(written(*rows)), SCHEMA, format_checker=jsonschema.FormatChecker())


def test_the_claims_come_back_as_they_were():
    rows = [
        row(),
        row(statement='quote " and \\ and \u2028 and 🇻🇪 and <b>', evidence=[evidence(), evidence(note="")]),
    ]
    assert json.loads(written(*rows))["claims"] == rows


def test_anyone_can_compute_the_content_hash_from_the_file():
    rows = [row(), row(claim="8", reasoning="é\n“x”")]
    file = json.loads(written(*rows))
    lines = [
        json.dumps(c, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
        for c in file["claims"]
    ]
    assert hashlib.sha256("".join(lines).encode()).hexdigest() == file["report"]["content_hash"]


def test_each_claim_is_a_line_spelt_as_it_was_hashed():
    rows = [row(), row(claim="8")]
    lines = written(*rows).split(b"\n")
    assert [line.removesuffix(b",") for line in lines if line.startswith(b'{"anchor"')] == [
        canonical(r) for r in rows
    ]


def test_many_claims_leave_in_pieces():
    rows = [row(claim=str(n)) for n in range(1200)]
    pieces = list(json_bytes(head(*rows), iter(rows)))
    assert len(pieces) == 3
    assert len(json.loads(b"".join(pieces))["claims"]) == 1200


@given(st.text(max_size=40), st.integers(min_value=0, max_value=2**31))
def test_the_canonical_spelling_is_that_of_any_json_library(text, number):
    plain = row(statement=text, start=number, tags=[text], said_on=None)
    spelt = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert canonical(plain) == spelt


def test_the_head_of_a_report_is_spelt_the_same_in_every_year():
    opening = written(row()).decode().partition("[\n{")[0]
    assert (
        opening
        == f"""{{"format":"factcheck-report/1",
"report":{{
 "content_hash": "{head(row()).content_hash}",
 "criteria": "All verified claims of “Onrust in Caracas”.",
 "desk": "Foreign desk",
 "frozen_at": "2019-05-04T12:30:00Z",
 "number": 12,
 "publisher": {{
  "name": "Example Checks",
  "url": "https://checks.example.net/"
 }},
 "ratings": [
  {{
   "count": 1,
   "definition": "Right in the main; a detail is off.",
   "label": "Mostly true"
  }}
 ],
 "row_count": 1,
 "title": "30 April in Caracas",
 "url": "https://checks.example.net/reports/12/"
}},
"claims":"""
    )
