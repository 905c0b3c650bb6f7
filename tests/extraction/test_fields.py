"""Title, author, date, site and language of pages in many markups and languages."""

from dataclasses import dataclass
from datetime import date

import pytest

from annotations.extraction import html

SENTENCE = "The council voted on Tuesday to close the bridge for two years, at a cost of 41 million euros. "


@dataclass(frozen=True)
class Sample:
    name: str
    head: str
    body: str
    title: str
    author: str = ""
    day: date | None = None
    site: str = ""
    language: str = ""
    url: str = "https://news.example/a-story"

    @property
    def page(self) -> bytes:
        story = f"<p>{SENTENCE * 2}</p><p>Second. {SENTENCE * 2}</p><p>Third. {SENTENCE}</p>"
        language = f' lang="{self.language}"' if self.language else ""
        markup = (
            f"<!doctype html><html{language}><head>{self.head}</head><body>{self.body}{story}</body></html>"
        )
        return markup.encode()


def json_ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


SAMPLES = [
    Sample(
        "JSON-LD with the author in the graph",
        "<title>Bridge closed - The Courier</title>"
        + json_ld(
            """{"@context": "https://schema.org", "@graph": [
            {"@type": "Article", "headline": "Bridge closed", "author": {"@id": "#sanne"},
             "datePublished": "2026-02-03T10:00:00+01:00", "publisher": {"@id": "#us"}},
            {"@type": "Organization", "@id": "#us", "name": "The Courier"},
            {"@type": "Person", "@id": "#sanne", "name": "Sanne de Vries"}]}"""
        ),
        "<h1>Bridge closed</h1>",
        "Bridge closed",
        "Sanne de Vries",
        date(2026, 2, 3),
        "The Courier",
        "en",
    ),
    Sample(
        "JSON-LD with a trailing comma and a line break in a string",
        "<title>Puente cerrado | EL DIARIO</title>"
        + json_ld(
            '{"@type": "NewsArticle", "headline": "Puente\ncerrado",'
            '"author": [{"name": "Ana Pérez",}], "datePublished": "2026-02-03",}'
        ),
        "<h1>Puente cerrado</h1>",
        "Puente cerrado",
        "Ana Pérez",
        date(2026, 2, 3),
        "",
        "es",
    ),
    Sample(
        "OpenGraph with a louder title than the heading",
        '<meta property="og:title" content="You won’t believe what happened to the bridge">'
        '<meta property="og:site_name" content="The Courier">'
        '<meta property="article:published_time" content="2026-02-03T23:30:00Z">'
        '<meta name="author" content="By Omar Haddad, Political Editor">'
        "<title>Bridge closed for two years | The Courier</title>",
        "<h1>Bridge closed for two years</h1>",
        "Bridge closed for two years",
        "Omar Haddad",
        date(2026, 2, 3),
        "The Courier",
        "en",
    ),
    Sample(
        "microdata",
        "<title>Die Brücke ist zu – Tagblatt</title>",
        '<article itemscope itemtype="https://schema.org/NewsArticle">'
        '<h1 itemprop="headline">Die Brücke ist zu</h1>'
        '<span itemprop="author" itemscope itemtype="https://schema.org/Person">'
        '<span itemprop="name">Anna Müller</span></span>'
        '<time itemprop="datePublished" datetime="2026-02-03T08:00:00+01:00">3. Februar</time></article>',
        "Die Brücke ist zu",
        "Anna Müller",
        date(2026, 2, 3),
        "",
        "de",
    ),
    Sample(
        "a visible byline of two in Dutch",
        '<title>Brug twee jaar dicht - De Courant</title><meta property="og:site_name" content="De Courant">',
        "<h1>Brug twee jaar dicht</h1>"
        '<div class="byline">Door <a>Sanne de Vries</a> en <a>Omar Haddad</a></div>'
        '<time datetime="2026-02-03T09:00">3 februari</time>',
        "Brug twee jaar dicht",
        "Sanne de Vries, Omar Haddad",
        date(2026, 2, 3),
        "De Courant",
        "nl",
    ),
    Sample(
        "the site itself as author",
        '<title>Le pont est fermé</title><meta name="author" content="Le Journal">'
        '<meta property="og:site_name" content="Le Journal"><meta name="date" content="2026-02-03">',
        "<h1>Le pont est fermé</h1>",
        "Le pont est fermé",
        "",
        date(2026, 2, 3),
        "Le Journal",
        "fr",
    ),
    Sample(
        "addresses and handles in place of names",
        "<title>Le pont est fermé</title>"
        '<meta property="article:author" content="https://www.facebook.com/lejournal">'
        '<meta name="author" content="redaction@lejournal.example">'
        + json_ld('{"@type": "NewsArticle", "author": {"name": "Claire Dubois (@cdubois)"}}'),
        "<h1>Le pont est fermé</h1>",
        "Le pont est fermé",
        "Claire Dubois",
        None,
        "",
        "fr",
    ),
    Sample(
        "Arabic",
        "<title>إغلاق الجسر لمدة عامين | الجريدة</title>"
        '<meta property="og:title" content="إغلاق الجسر لمدة عامين">'
        '<meta property="og:site_name" content="الجريدة"><meta property="og:locale" content="ar_AR">'
        + json_ld('{"@type":"NewsArticle","author":{"name":"سارة حداد"},"datePublished":"2026-02-03"}'),
        "<h1>إغلاق الجسر لمدة عامين</h1>",
        "إغلاق الجسر لمدة عامين",
        "سارة حداد",
        date(2026, 2, 3),
        "الجريدة",
        "ar",
    ),
    Sample(
        "Chinese, the site behind an underscore",
        '<title>大桥将关闭两年_新闻网</title><meta property="og:site_name" content="新闻网">'
        '<meta name="publishdate" content="2026-02-03"><meta name="author" content="记者：王小明">',
        "<h1>大桥将关闭两年</h1>",
        "大桥将关闭两年",
        "王小明",
        date(2026, 2, 3),
        "新闻网",
        "zh",
    ),
    Sample(
        "Portuguese, two authors in one tag",
        "<title>Ponte fechada por dois anos - O Jornal</title>"
        '<meta name="author" content="Por João Silva e Ana Costa">'
        '<meta property="og:site_name" content="O Jornal">',
        "<h1>Ponte fechada por dois anos</h1>",
        "Ponte fechada por dois anos",
        "João Silva, Ana Costa",
        None,
        "O Jornal",
        "pt",
    ),
    Sample(
        "a name with a small word in it stays one name",
        "<title>El puente</title>" + json_ld('{"@type":"Article","author":"José Ortega y Gasset"}'),
        "<h1>El puente se cierra</h1>",
        "El puente se cierra",
        "José Ortega y Gasset",
        None,
        "",
        "es",
    ),
    Sample(
        "the day in the address against no other",
        "<title>Bridge closed for two years</title>",
        "<h1>Bridge closed for two years</h1>",
        "Bridge closed for two years",
        "",
        date(2026, 2, 3),
        url="https://news.example/2026/02/03/bridge",
    ),
    Sample(
        "a title in a hyphenated sentence is not cut",
        "<title>Win - win: why both towns gain from the bridge</title>",
        "<h2>Win - win: why both towns gain from the bridge</h2>",
        "Win - win: why both towns gain from the bridge",
    ),
    Sample(
        "the name of the site in the heading",
        '<title>Bridge closed | The Courier</title><meta property="og:site_name" content="The Courier">',
        "<h1>The Courier</h1><h1>Bridge closed</h1>",
        "Bridge closed",
        site="The Courier",
    ),
    Sample(
        "entities written twice",
        "<title>News</title>"
        '<meta property="og:title" content="Mayor: &amp;#8220;It&amp;rsquo;s over&amp;#8221;">',
        "",
        "Mayor: “It’s over”",
    ),
    Sample(
        "the author of a comment is not that of the article",
        "<title>Bridge closed</title>"
        + json_ld(
            '{"@type":"NewsArticle","author":{"name":"Omar Haddad"},'
            '"comment":[{"@type":"Comment","author":{"name":"Angry Reader"}}]}'
        ),
        '<h1>Bridge closed</h1><div class="comment-author">Angry Reader</div>',
        "Bridge closed",
        "Omar Haddad",
    ),
    Sample(
        "an agency beside a person, and a role",
        '<title>Bridge closed</title><meta name="author" content="Jane Roe and Reuters staff; Reuters">',
        "<h1>Bridge closed</h1>",
        "Bridge closed",
        "Jane Roe",
    ),
    Sample(
        "an agency alone",
        '<title>Bridge closed</title><meta name="author" content="Reuters">',
        "<h1>Bridge closed</h1>",
        "Bridge closed",
        "Reuters",
    ),
]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_each_field_is_found_in_every_markup_and_language(sample: Sample) -> None:
    read = html.read(sample.page, {"url": sample.url})
    assert (read.title, read.author, read.published_on) == (sample.title, sample.author, sample.day)
    if sample.site:
        assert read.site == sample.site
    assert read.language == sample.language


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_each_field_says_where_it_comes_from_and_how_sure_it_is(sample: Sample) -> None:
    read = html.read(sample.page, {"url": sample.url})
    named = {
        name
        for name in ("title", "author", "published_on", "site", "language", "excerpt")
        if getattr(read, name)
    }
    assert set(read.provenance) == set(read.confidence) == named
    assert all(0 < share <= 100 for share in read.confidence.values())
    assert read.told["title_confidence"] == read.confidence["title"]


def test_a_field_on_which_places_disagree_is_less_sure() -> None:
    def confidence(meta: str) -> int:
        page = SAMPLES[0].page.replace(b"<title>", f"{meta}<title>".encode())
        return html.read(page, {}).confidence["published_on"]

    agreeing = confidence('<meta property="article:published_time" content="2026-02-03">')
    assert confidence('<meta property="article:published_time" content="2019-05-05">') < agreeing == 100
