import json
from datetime import date

import pytest

from annotations.domain.reports.claimreview import claim_review, rating_numbers, to_script_json
from annotations.domain.reports.claimreview_lint import Place, lint, lint_all
from tests.exports.samples import head, row

PLACE = Place(today=date(2019, 6, 1), host="checks.example.net", labels=("True", "Mostly true", "False"))


def review(**changes):
    return claim_review(row(**changes), head())


def codes(markup, place=PLACE):
    return [problem.code for problem in lint(markup, place)]


def test_markup_of_a_full_row_is_without_fault():
    assert lint(review(), PLACE) == []


def test_it_says_what_was_claimed_by_whom_when_and_where_it_is_checked():
    assert review() == {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": "https://checks.example.net/reports/12/#claim-7",
        "claimReviewed": "At least fifty people were injured in Caracas on 30 April 2019.",
        "itemReviewed": {
            "@type": "Claim",
            "text": "zeker vijftig gewonden binnengebracht",
            "author": {"@type": "Person", "name": "Maria Pérez", "jobTitle": "hospital spokesperson"},
            "datePublished": "2019-04-30",
            "appearance": {
                "@type": "CreativeWork",
                "url": "https://paper.example.com/onrust",
                "headline": "Onrust in Caracas",
                "datePublished": "2019-04-30",
            },
        },
        "reviewRating": {
            "@type": "Rating",
            "alternateName": "Mostly true",
            "ratingValue": 4,
            "worstRating": 1,
            "bestRating": 5,
            "ratingExplanation": "Right in the main; a detail is off.",
        },
        "author": {"@type": "Organization", "name": "Example Checks", "url": "https://checks.example.net/"},
        "publisher": {
            "@type": "Organization",
            "name": "Example Checks",
            "url": "https://checks.example.net/",
        },
        "datePublished": "2019-05-04",
        "inLanguage": "nl",
    }


def test_an_organisation_is_an_organization_without_a_job_title():
    said_by = {"name": "SEBIN", "kind": "organization", "role": "intelligence service"}
    assert review(claimant=said_by)["itemReviewed"]["author"] == {"@type": "Organization", "name": "SEBIN"}


@pytest.mark.parametrize(
    "claimant", [{"name": "", "kind": "person", "role": "x"}, {"name": "X", "kind": "", "role": ""}]
)
def test_an_unknown_claimant_is_left_out(claimant):
    assert "author" not in review(claimant=claimant)["itemReviewed"]


@pytest.mark.parametrize(
    "url", ["", "paper.example.com", "file:///x", "https://checks.example.net/own", "http://[bad"]
)
def test_an_article_without_a_public_address_elsewhere_is_no_appearance(url):
    assert "appearance" not in review(document=row()["document"] | {"url": url})["itemReviewed"]


@pytest.mark.parametrize(
    "numbers",
    [
        {"ordered": False},
        {"value": None},
        {"worst": None},
        {"best": None},
        {"worst": 0, "value": 0},
        {"worst": 5, "best": 5, "value": 5},
        {"worst": 5, "best": 1},
        {"value": 6},
    ],
)
def test_numbers_that_mean_nothing_are_left_out(numbers):
    rating = row()["rating"] | numbers
    markup = review(rating=rating)
    assert rating_numbers(rating) is None
    assert markup["reviewRating"] == {
        "@type": "Rating",
        "alternateName": "Mostly true",
        "ratingExplanation": "Right in the main; a detail is off.",
    }
    assert codes(markup) == []


def test_script_json_cannot_end_its_script_and_reads_the_same():
    hostile = {"a": "</script><!-- & \u2028\u2029 \"'\\ 🇻🇪"}
    written = to_script_json(hostile)
    assert not set(written) & set("<>&\u2028\u2029")
    assert json.loads(written) == hostile


def changed(path, value):
    markup = json.loads(json.dumps(review()))
    part = markup
    *parents, name = path.split(".")
    for parent in parents:
        part = part[parent]
    if value is None:
        del part[name]
    else:
        part[name] = value
    return markup


LONG = "At least fifty people were brought in to the hospitals of Caracas on the last day of April."


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("@context", "https://example.org", "context_wrong"),
        ("@type", "Review", "type_wrong"),
        ("url", None, "url_missing"),
        ("url", "/reports/12/#claim-7", "url_not_absolute"),
        ("url", "https://bit.ly/x", "url_shortened"),
        ("url", "https://other.example.net/x", "url_other_host"),
        ("url", "https://notchecks.example.net/x", "url_other_host"),
        ("claimReviewed", " ", "claim_missing"),
        ("claimReviewed", "It is mostly true, that fifty were injured.", "claim_states_rating"),
        ("claimReviewed", LONG, "claim_long"),
        ("reviewRating", None, "rating_missing"),
        ("reviewRating.@type", "AggregateRating", "rating_type_wrong"),
        ("reviewRating.alternateName", None, "rating_name_missing"),
        ("reviewRating.alternateName", ["True"], "rating_name_missing"),
        ("reviewRating.alternateName", "Half baked", "rating_not_on_scale"),
        ("reviewRating.bestRating", None, "rating_numbers_incomplete"),
        ("reviewRating.ratingValue", "4", "rating_not_a_number"),
        ("reviewRating.ratingValue", True, "rating_not_a_number"),
        ("reviewRating.worstRating", 0, "rating_worst_below_one"),
        ("reviewRating.worstRating", 5, "rating_range_empty"),
        ("reviewRating.ratingValue", 6, "rating_out_of_range"),
        ("author", None, "author_missing"),
        ("author.name", "", "author_missing"),
        ("author.@type", None, "author_type_wrong"),
        ("itemReviewed.@type", "CreativeWork", "item_type_wrong"),
        ("itemReviewed.author.name", None, "claimant_without_name"),
        ("itemReviewed.author.@type", "Thing", "claimant_type_wrong"),
        ("itemReviewed.author.sameAs", ["Q42"], "same_as_not_absolute"),
        ("itemReviewed.author.name", "Example Checks", "claimant_is_checker"),
        ("itemReviewed.appearance", "https://a.example, https://b.example", "appearance_not_one_address"),
        ("itemReviewed.appearance.url", ["https://a.example"], "appearance_not_one_address"),
        ("itemReviewed.firstAppearance", "https://checks.example.net/x", "appearance_on_own_host"),
        ("itemReviewed.datePublished", "30 April", "claim_date_unreadable"),
        ("itemReviewed.datePublished", "2019-05-05", "claim_after_review"),
        ("datePublished", None, "review_date_missing"),
        ("datePublished", "2019-06-02", "review_in_future"),
    ],
)
def test_each_fault_is_named(path, value, code):
    assert codes(changed(path, value)) == [code]


def test_a_rating_in_a_whole_sentence_is_warned_of():
    markup = changed("reviewRating.alternateName", "This is right in the main but one detail is off")
    assert [(p.code, p.warning) for p in lint(markup, Place(today=date(2019, 6, 1)))] == [
        ("rating_name_long", True)
    ]


def test_errors_come_before_warnings():
    markup = changed("claimReviewed", LONG) | {"author": {}}
    assert codes(markup) == ["author_missing", "claim_long"]


def test_a_subdomain_of_the_publisher_is_its_own_host():
    assert codes(changed("url", "https://www.checks.example.net/x")) == []
    assert codes(changed("url", "https://en.checks.example.net/x")) == []


def test_two_claims_may_not_share_an_address():
    first, second = review(), review(anchor="claim-8")
    assert list(lint_all([first, second], PLACE)) == []
    assert [(index, problem.code) for index, problem in lint_all([first, first], PLACE)] == [
        (1, "url_not_unique")
    ]


def test_a_claim_that_states_its_rating_is_warned_of_and_not_refused():
    markup = changed("claimReviewed", "It is mostly true, that fifty were injured.")
    assert [(p.code, p.warning) for p in lint(markup, Place(today=date(2019, 6, 1)))] == [
        ("claim_states_rating", True)
    ]
