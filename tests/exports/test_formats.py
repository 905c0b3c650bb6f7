import json
from datetime import date

import pytest

from annotations.exports import FORMATS, file_name
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
