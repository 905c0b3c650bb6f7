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


def words_of(nodes):
    return [" ".join(node.text_content().split()) for node in nodes]


def test_a_claim_is_told_with_who_said_it_where_and_who_checked_it():
    html = tree(row())
    [claim] = html.xpath("//article")
    assert words_of(claim.xpath("./h2")) == [
        "1 At least fifty people were injured in Caracas on 30 April 2019."
    ]
    assert claim.xpath("./h2/a/@aria-label") == ["Claim 1"]
    assert words_of(claim.xpath("./p")) == ["Mostly true Right in the main; a detail is off."]
    assert words_of(claim.xpath("./blockquote")) == ["zeker vijftig gewonden binnengebracht"]
    facts = zip(words_of(claim.xpath("./dl//dt")), words_of(claim.xpath("./dl//dd")), strict=True)
    assert list(facts) == [
        ("Claimed by", "Maria Pérez, hospital spokesperson"),
        ("Said", "30 April 2019, Caracas"),
        (
            "Article",
            "Onrust in Caracas, The Paper, R. Edacteur, 30 April 2019 (version 2, characters 120 to 157)",
        ),
        ("As of", "3 May 2019"),
        ("Checked", "by Edith Or on 3 May 2019"),
        ("Reviewed", "by Rev Iewer on 3 May 2019"),
        ("Subjects", "injured, caracas"),
    ]
    assert words_of(claim.xpath("./div/p")) == ["Three sources agree.", "One counts higher."]


def test_what_is_not_known_of_a_claim_is_not_mentioned():
    plain = row()
    html = tree(
        row(
            claimant={"name": "", "kind": "", "role": ""},
            said_on=None,
            said_where="",
            document=plain["document"] | {"outlet": "", "author": "", "published_on": None},
            verdict_by="",
            tags=[],
            language="",
        )
    )
    facts = zip(words_of(html.xpath("//dl//dt")), words_of(html.xpath("//dl//dd")), strict=True)
    assert list(facts) == [
        ("Article", "Onrust in Caracas (version 2, characters 120 to 157)"),
        ("As of", "3 May 2019"),
        ("Checked", "3 May 2019"),
        ("Reviewed", "by Rev Iewer on 3 May 2019"),
    ]
    assert html.xpath("//article/h2/span/@lang") == []
    assert html.xpath("//article/h2/span/@dir") == ["auto"]


def test_a_source_is_told_with_what_was_read_there_and_when():
    [source] = tree(row()).xpath("//article/ol/li")
    assert words_of(source.xpath("./*")) == [
        "Supports Hospital counts the injured, Example News, A. Reporter, 1 May 2019",
        "“At least fifty people were brought in.”",
        "The spokesperson is quoted by name.",
        f"Read on 2 May 2019, SHA-256 {'b' * 64}.",
    ]
    assert source.xpath(".//a/@href") == ["https://news.example.org/injured?day=30&page=1"]


def test_a_source_that_was_never_read_says_nothing_of_bytes():
    bare = evidence(title="", site="", author="", published_on=None, passage="", note="", fetched_at=None)
    [source] = tree(row(evidence=[bare])).xpath("//article/ol/li")
    assert words_of(source.xpath("./*")) == ["Supports https://news.example.org/injured?day=30&page=1"]


def test_a_source_read_before_its_bytes_were_hashed_says_when():
    [source] = tree(row(evidence=[evidence(body_sha256="")])).xpath("//article/ol/li")
    assert words_of(source.xpath("./p[@class='kept']")) == ["Read on 2 May 2019."]


def test_a_claim_without_sources_says_so():
    [claim] = tree(row(evidence=[])).xpath("//article")
    assert words_of(claim.xpath("./p"))[-1] == "No sources are attached."
    assert claim.xpath("./h3") == []


def test_the_page_opens_with_what_it_holds_and_whose_it_is():
    html = tree(row())
    assert words_of(html.xpath("//header/p | //header/h1")) == [
        "Example Checks · fact-check report 12",
        "30 April in Caracas",
        "1 claim, each checked by one person and reviewed by another. Frozen on 4 May 2019, 12:30 UTC.",
        "All verified claims of “Onrust in Caracas”.",
    ]
    assert html.xpath("//time/@datetime") == ["2019-05-04T12:30:00Z"]
    assert words_of(html.xpath("//header//tbody/tr")) == ["Mostly true1Right in the main; a detail is off."]
    assert html.xpath("//title/text()") == ["30 April in Caracas – Example Checks"]
    assert words_of(html.xpath("//nav//li")) == [
        "At least fifty people were injured in Caracas on 30 April 2019. Mostly true"
    ]
    [first, second] = words_of(html.xpath("//footer/p"))
    assert first == "Report 12 of Foreign desk, published by Example Checks."
    assert html.xpath("//footer//a/@href") == ["https://checks.example.net/"]
    assert head(row()).content_hash in second


def test_several_claims_are_counted():
    html = tree(row(), row(claim="8", anchor="claim-8"))
    assert words_of(html.xpath("//header/p"))[1].startswith("2 claims, each checked")
    assert words_of(html.xpath("//article/h2/a")) == ["1", "2"]


def test_the_page_names_its_own_address_if_it_has_one():
    assert tree(row()).xpath("//link[@rel='canonical']/@href") == ["https://checks.example.net/reports/12/"]
    assert tree(row(), url="/reports/12/").xpath("//link[@rel='canonical']") == []
    assert page(row()).count("None") == page(row(), url="/reports/12/").count("None") == 0


def test_line_ends_and_paragraphs_of_what_was_written_stay():
    html = tree(row(exact="one\ntwo", reasoning="a\nb\n\n\n\n c "))
    [quote] = html.xpath("//article/blockquote/p")
    assert [quote.text, quote.xpath("./br")[0].tail.strip()] == ["one", "two"]
    assert words_of(html.xpath("//article/div/p")) == ["a b", "c"]
