"""One self-contained HTML file without scripts, fonts, images or anything else to fetch.

It can be read on a phone, in dark mode, aloud and on paper. It carries the ClaimReview markup of each claim.
Each claim has its own fragment, which its markup names.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from html import escape
from importlib.resources import files

from annotations.domain.reports.claimreview import claim_review, host_of, to_script_json
from annotations.domain.reports.contents import ReportedEvidence, ReportHead, ReportRow, day_in_words

_STYLE = files("annotations.exports").joinpath("report.css").read_text(encoding="utf-8")
_STANCES = {"supports": "Supports", "refutes": "Refutes", "context": "Context"}
BATCH = 100

# For values that many claims repeat: names, titles, addresses, ratings.
_known = lru_cache(maxsize=4096)(escape)


def html_bytes(head: ReportHead, rows: Iterable[ReportRow]) -> Iterator[bytes]:
    """Yield the report as one page, in pieces. Iterates over `rows` twice: contents first, then claims."""
    yield _opening(head).encode()
    yield from _joined(_entry(row) for row in rows)
    yield b"</ol></nav>\n<main>\n"
    yield from _joined(_claim(row, head, number) for number, row in enumerate(rows, 1))
    yield b"</main>\n"
    yield _closing(head).encode()


def _opening(head: ReportHead) -> str:
    title = escape(head.title)
    tally = "".join(
        f'<tr><th scope="row">{escape(line.label)}</th><td class="count">{line.count}</td>'
        f"<td>{escape(line.definition)}</td></tr>"
        for line in head.tally
    )
    claims = "1 claim" if head.row_count == 1 else f"{head.row_count} claims"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title} – {escape(head.publisher)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
{_canonical_link(head)}<style>
{_STYLE}</style>
</head>
<body>
<a class="skip" href="#claims">To the contents</a>
<header>
<p class="kicker">{escape(head.publisher)} · fact-check report {head.number}</p>
<h1 dir="auto">{title}</h1>
<p>{claims}, each checked by one person and reviewed by another. Frozen on {_moment(head.frozen_at)}.</p>
<p>{escape(head.criteria)}</p>
<table>
<caption>Ratings in this report</caption>
<thead>
<tr><th scope="col">Rating</th><th scope="col">Claims</th><th scope="col">What it means</th></tr>
</thead>
<tbody>{tally}</tbody>
</table>
</header>
<nav id="claims" aria-labelledby="contents">
<h2 id="contents">Contents</h2>
<ol>
"""


def _canonical_link(head: ReportHead) -> str:
    return f'<link rel="canonical" href="{escape(head.url)}">\n' if host_of(head.url) else ""


def _entry(row: ReportRow) -> str:
    return (
        f'<li><a href="#{escape(row["anchor"])}"{_lang(row["language"])}>{escape(row["statement"])}</a> '
        f'<span class="rating">{_known(row["rating"]["label"])}</span></li>\n'
    )


def _claim(row: ReportRow, head: ReportHead, number: int) -> str:
    anchor, lang, rating = escape(row["anchor"]), _lang(row["language"]), row["rating"]
    sources = "".join(_source(source) for source in row["evidence"])
    listed = f"<h3>Sources</h3>\n<ol>\n{sources}</ol>\n" if sources else "<p>No sources are attached.</p>\n"
    return f"""<article id="{anchor}" aria-labelledby="{anchor}-title">
<h2 id="{anchor}-title"><a class="number" href="#{anchor}" aria-label="Claim {number}">{number}</a>
<span{lang}>{escape(row["statement"])}</span></h2>
<p class="verdict"><strong>{_known(rating["label"])}</strong> <span>{_known(rating["definition"])}</span></p>
<blockquote{lang}><p>{_lines(row["exact"])}</p></blockquote>
<dl>
{_facts(row)}</dl>
<div class="reasoning" dir="auto"><p>{_paragraphs(row["reasoning"])}</p></div>
{listed}<script type="application/ld+json">{to_script_json(claim_review(row, head))}</script>
</article>
"""


def _facts(row: ReportRow) -> str:
    claimant, document = row["claimant"], row["document"]
    said_by = ", ".join(_known(part) for part in (claimant["name"], claimant["role"]) if part)
    said_at = ", ".join(_known(part) for part in (day_in_words(row["said_on"]), row["said_where"]) if part)
    about = (document["outlet"], document["author"], day_in_words(document["published_on"]))
    article = _link(document["url"], document["title"])
    article += "".join(f", {_known(part)}" for part in about if part)
    place = f"version {document['version']}, characters {row['start']} to {row['end']}"
    facts = (
        ("Claimed by", said_by),
        ("Said", said_at),
        ("Article", f"{article} ({place})"),
        ("As of", _known(day_in_words(row["as_of"]))),
        ("Checked", _by(row["verdict_by"], row["verdict_at"])),
        ("Reviewed", _by(row["reviewed_by"], row["reviewed_at"])),
        ("Subjects", _known(", ".join(row["tags"]))),
    )
    return "".join(
        f'<div><dt>{name}</dt><dd dir="auto">{value}</dd></div>\n' for name, value in facts if value
    )


def _source(source: ReportedEvidence) -> str:
    stance = _known(_STANCES.get(source["stance"], source["stance"]))
    about = (source["site"], source["author"], day_in_words(source["published_on"]))
    line = _link(source["url"], source["title"] or source["url"])
    line += "".join(f", {_known(part)}" for part in about if part)
    passage = (
        f'<blockquote dir="auto"><p>{_lines(source["passage"])}</p></blockquote>' if source["passage"] else ""
    )
    note = f'<p dir="auto">{_paragraphs(source["note"])}</p>' if source["note"] else ""
    kept = ""
    if source["fetched_at"]:
        kept = f'<p class="kept">Read on {day_in_words(source["fetched_at"])}'
        kept += f", SHA-256 <code>{escape(source['body_sha256'])}</code>" if source["body_sha256"] else ""
        kept += ".</p>"
    return f'<li><p dir="auto"><span class="stance">{stance}</span> {line}</p>{passage}{note}{kept}</li>\n'


def _closing(head: ReportHead) -> str:
    return f"""<footer>
<p>Report {head.number} of {escape(head.desk)}, published by {_link(head.publisher_url, head.publisher)}.</p>
<p>Content hash, SHA-256: <code>{escape(head.content_hash)}</code>. The JSON download of this
report gives the same hash on any machine.</p>
</footer>
</body>
</html>
"""


def _joined(pieces: Iterable[str]) -> Iterator[bytes]:
    batch: list[str] = []
    for piece in pieces:
        batch.append(piece)
        if len(batch) >= BATCH:
            yield "".join(batch).encode()
            batch.clear()
    yield "".join(batch).encode()


def _link(url: str, words: str) -> str:
    # Only http and https become links; an address such as javascript: must never be one.
    if not host_of(url):
        return _known(words)
    return f'<a href="{_known(url)}" rel="noopener">{_known(words)}</a>'


def _by(name: str, moment: str) -> str:
    return " on ".join(_known(part) for part in (f"by {name}" if name else "", day_in_words(moment)) if part)


def _moment(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    words = f"{day_in_words(moment.date().isoformat())}, {moment:%H:%M} UTC"
    return f'<time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}">{words}</time>'


def _lang(language: str) -> str:
    return f' lang="{_known(language)}" dir="auto"' if language else ' dir="auto"'


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")


def _paragraphs(text: str) -> str:
    return "</p>\n<p>".join(_lines(part.strip()) for part in text.split("\n\n") if part.strip())
