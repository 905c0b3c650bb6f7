import csv
import io
import json
import re
from datetime import date

import pytest

from annotations.exports import FORMATS, claimreview_jsonld, file_name, html
from annotations.exports import csv as csv_format
from annotations.exports import json as json_format
from annotations.exports.claimreview_jsonld import findings
from tests.exports.samples import head, row


@pytest.mark.parametrize("slug", ["html", "csv", "json", "claimreview"])
def test_the_same_rows_give_the_same_bytes(slug):
    rows = [row(), row(claim="8", anchor="claim-8")]
    assert b"".join(FORMATS[slug].write(head(*rows), rows)) == b"".join(
        FORMATS[slug].write(head(*rows), list(rows))
    )


def test_there_are_four_formats_with_plain_file_names():
    assert [file_name(head(), form) for form in FORMATS.values()] == [
        "report-12.html",
        "report-12.csv",
        "report-12.json",
        "report-12.jsonld",
    ]


def test_jsonld_is_a_list_of_objects_that_stand_alone():
    rows = [row(), row(claim="8", anchor="claim-8")]
    reviews = json.loads(b"".join(FORMATS["claimreview"].write(head(*rows), rows)))
    assert [(review["@context"], review["@type"]) for review in reviews] == [
        ("https://schema.org", "ClaimReview")
    ] * 2
    assert len({review["url"] for review in reviews}) == 2


def test_jsonld_of_no_claims_is_an_empty_list():
    assert json.loads(b"".join(FORMATS["claimreview"].write(head(), []))) == []


def test_faults_of_one_kind_stand_together_with_their_claims():
    rows = [row(), row(anchor="claim-8", said_on="2030-01-01"), row(anchor="claim-9", said_on="2030-01-01")]
    found = findings(head(*rows), rows, today=date(2019, 6, 1))
    assert [(finding.problem.code, finding.anchors) for finding in found] == [
        ("claim_after_review", ("claim-8", "claim-9"))
    ]


def _claims_in(slug, data):
    """The claims of a written report in the order in which a reader meets them."""
    text = data.decode()
    match slug:
        case "csv":
            return [line["claim"] for line in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))]
        case "json":
            return [claim["claim"] for claim in json.loads(text)["claims"]]
        case "claimreview":
            return [review["url"].rpartition("claim-")[2] for review in json.loads(text)]
        case _:
            return re.findall(r'<article[^>]* id="claim-(\d+)"', text)


@pytest.mark.parametrize(
    ("slug", "batch"),
    [
        ("csv", csv_format.BATCH),
        ("json", json_format.BATCH),
        ("claimreview", claimreview_jsonld.BATCH),
        ("html", html.BATCH),
    ],
)
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_each_claim_stands_once_and_in_order_however_many_there_are(slug, batch, more):
    claims = [str(number) for number in range(1, 2 * batch + more + 1)]
    rows = [row(claim=claim, anchor=f"claim-{claim}") for claim in claims]
    pieces = list(FORMATS[slug].write(head(*rows), rows))
    assert _claims_in(slug, b"".join(pieces)) == claims
    # Neither the whole report at once nor a piece for each claim.
    assert len(claims) / batch <= len(pieces) <= 2 * len(claims) / batch + 6
