import json

import lxml.html
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.reports.contents import day_in_words
from annotations.exports.html import html_bytes
from tests.exports.samples import evidence, head, row


def page(*rows, **changes):
    return b"".join(html_bytes(head(*rows, **changes), rows)).decode()


def tree(*rows, **changes):
    return lxml.html.document_fromstring(page(*rows, **changes))


def test_it_needs_nothing_from_elsewhere_and_runs_nothing():
    html = tree(row())
    assert (
        html.xpath("//img | //iframe | //object | //link[@rel='stylesheet'] | //@src | //@onclick | //form")
        == []
    )
    assert html.xpath("//script/@type") == ["application/ld+json"]
    assert "url(" not in page(row())
    assert "@import" not in page(row())


def test_each_claim_has_its_own_fragment_and_the_contents_lead_there():
    html = tree(row(), row(claim="8", anchor="claim-8"))
    assert html.xpath("//article/@id") == ["claim-7", "claim-8"]
    assert html.xpath("//nav//a/@href") == ["#claim-7", "#claim-8"]


def test_every_id_is_unique_and_every_inner_link_lands():
    html = tree(row(), row(claim="8", anchor="claim-8"))
    ids = html.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in html.xpath("//a/@href") if href.startswith("#")} <= set(ids)


def test_headings_go_down_one_step_at_a_time():
    levels = [int(node.tag[1]) for node in tree(row()).xpath("//h1|//h2|//h3|//h4")]
    assert levels == [1, 2, 2, 3]


def test_words_of_the_article_carry_their_language_and_direction():
    html = tree(row(language="ar", statement="أصيب خمسون شخصا", exact="خمسون"))
    assert html.xpath("//h2/span/@lang") == ["ar"]
    assert html.xpath("//article/blockquote/@dir") == ["auto"]


def test_the_markup_of_a_claim_names_the_fragment_of_that_claim():
    html = tree(row())
    [script] = html.xpath("//article[@id='claim-7']/script")
    assert json.loads(script.text)["url"] == "https://checks.example.net/reports/12/#claim-7"


def test_an_address_that_is_not_http_is_never_a_link():
    html = tree(row(evidence=[evidence(url="javascript:alert(1)", title="Trap")]))
    assert html.xpath("//a[starts-with(@href, 'javascript')]") == []
    assert "Trap" in html.text_content()


@given(st.text(alphabet=st.sampled_from("<>&\"'/!- scriptxé\u2028"), max_size=40))
def test_no_text_of_a_row_can_become_markup(text):
    hostile = f"</script><script>alert(1)</script><img src=x onerror=1>{text}"
    html = tree(
        row(
            statement=hostile,
            exact=hostile,
            reasoning=hostile,
            said_where=hostile,
            language='nl" onload="x',
            tags=[hostile],
            evidence=[
                evidence(title=hostile, passage=hostile, note=hostile, url=f"https://e.example/{hostile}")
            ],
        ),
        title=hostile,
        criteria=hostile,
        publisher=hostile,
    )
    assert html.xpath("//img | //@onerror | //@onload") == []
    assert html.xpath("//script/@type") == ["application/ld+json"]
    assert json.loads(html.xpath("//script")[0].text)["claimReviewed"] == hostile


def test_the_same_report_is_the_same_bytes():
    assert page(row(), row(claim="8")) == page(row(), row(claim="8"))


def test_dates_are_said_in_words():
    assert [day_in_words("2019-04-30"), day_in_words("2019-05-03T11:00:00Z"), day_in_words(None)] == [
        "30 April 2019",
        "3 May 2019",
        "",
    ]
