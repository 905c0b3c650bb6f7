"""Exports turn frozen rows into bytes: one module for each format, without queries and without a clock.

The same head and the same rows give the same bytes, today and in ten years.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from annotations.domain.reports.contents import ReportHead, ReportRow
from annotations.exports.claimreview_jsonld import claimreview_bytes
from annotations.exports.csv import csv_bytes
from annotations.exports.html import html_bytes
from annotations.exports.json import json_bytes


@dataclass(frozen=True, slots=True)
class Format:
    """A format of a report. `write` iterates over the rows at most twice and keeps none of them."""

    slug: str
    label: str
    purpose: str
    media_type: str
    suffix: str
    write: Callable[[ReportHead, Iterable[ReportRow]], Iterator[bytes]]


FORMATS = {
    form.slug: form
    for form in (
        Format(
            "html", "HTML", "one page, to print or publish", "text/html; charset=utf-8", "html", html_bytes
        ),
        Format(
            "csv", "CSV", "for a spreadsheet", "text/csv; charset=utf-8; header=present", "csv", csv_bytes
        ),
        Format("json", "JSON", "everything, for programs", "application/json", "json", json_bytes),
        Format(
            "claimreview",
            "ClaimReview",
            "markup for search tools",
            "application/ld+json",
            "jsonld",
            claimreview_bytes,
        ),
    )
}


def file_name(head: ReportHead, form: Format) -> str:
    """Return a plain ASCII name that identifies the report on its desk: `report-12.csv`."""
    return f"report-{head.number}.{form.suffix}"
