"""Queries for the report pages, the API and the export command."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import orjson
from django.db.models import Count, Exists, Min, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from annotations.domain.errors import Missing
from annotations.domain.reports.contents import RatingTally, ReportHead, ReportRow
from annotations.domain.reports.criteria import Criteria
from annotations.models import Claim, Document, Rating, Report, ReportState, User
from annotations.models import ReportRow as StoredRow
from annotations.visibility import get_visible

PAGE_SIZE = 25
ROWS_PAGE_SIZE = 300
BATCH = 1000
COUNT_LIMIT = 10_000
CHOICES_LIMIT = 200


class ReportRows:
    """The frozen rows of a report in order. Each iteration reads them again.

    The rows are read by key in batches, so that a slow download neither holds them all in memory nor keeps a
    transaction open. Rows never change, so the batches are consistent with each other.
    """

    def __init__(self, report_id: int) -> None:
        self.report_id = report_id

    def __iter__(self) -> Iterator[ReportRow]:
        last = 0
        while True:
            batch = list(
                StoredRow.objects.filter(report_id=self.report_id, position__gt=last)
                .order_by("position")
                .values_list("position", Cast("data", TextField()))[:BATCH]
            )
            for _, text in batch:
                yield orjson.loads(text)
            if len(batch) < BATCH:
                return
            last = batch[-1][0]


@dataclass(frozen=True, slots=True)
class Preview:
    """The claims that a selection would hold now.

    `count` stops at `COUNT_LIMIT`. If there are more, `more` is true.
    """

    count: int
    more: bool
    ratings: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices in the form of a new report, limited to what verified claims of the desk have."""

    documents: tuple[tuple[int, str], ...]
    ratings: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Some reports, newest first, and the number below which the next page begins, if there are more."""

    reports: tuple[Report, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class RowsPage:
    """Some rows with their positions, and the positions at which the next and previous page begin, if any."""

    rows: tuple[tuple[int, ReportRow], ...]
    next_after: int | None
    previous_after: int | None


def selected(desk_id: int, criteria: Criteria) -> QuerySet[Claim]:
    """Return the verified claims of a desk that meet the criteria, unordered."""
    claims = Claim.objects.of_desk(desk_id).verified().order_by()
    if criteria.documents:
        claims = claims.filter(document_id__in=criteria.documents)
    if criteria.verified_from:
        claims = claims.filter(verified_at__gte=_midnight(criteria.verified_from))
    if criteria.verified_to:
        claims = claims.filter(verified_at__lt=_midnight(criteria.verified_to + timedelta(days=1)))
    if criteria.ratings:
        claims = claims.filter(rating__slug__in=criteria.ratings)
    if criteria.claimant:
        claims = claims.filter(claimant_name__icontains=criteria.claimant)
    if criteria.tags:
        claims = claims.filter(tags__overlap=list(criteria.tags))
    if criteria.language:
        claims = claims.filter(language=criteria.language)
    return claims


def count_up_to(claims: QuerySet[Claim], limit: int) -> int:
    """Return how many claims there are, without counting beyond `limit`."""
    return claims.values("pk")[:limit].count()


def preview(desk_id: int, criteria: Criteria) -> Preview:
    """Return how many verified claims meet the criteria now and how they are rated; two queries."""
    claims = selected(desk_id, criteria)
    count = count_up_to(claims, COUNT_LIMIT + 1)
    some = claims.values("pk")[:COUNT_LIMIT]
    rated = (
        Claim.objects.filter(pk__in=some)
        .values("rating__slug")
        .annotate(label=Min("rating__label"), position=Min("rating__position"), number=Count("pk"))
        .order_by("position", "rating__slug")
    )
    ratings = tuple((row["label"], row["number"]) for row in rated)
    return Preview(count=min(count, COUNT_LIMIT), more=count > COUNT_LIMIT, ratings=ratings)


def choices(desk_id: int) -> Choices:
    """Return what the form of a new report can offer; four queries, each cut at `CHOICES_LIMIT`."""
    verified = Claim.objects.of_desk(desk_id).verified().order_by()
    documents = (
        Document.objects.of_desk(desk_id)
        .filter(Exists(verified.filter(document_id=OuterRef("pk"))))
        .order_by("-id")
        .values_list("id", "title")[:CHOICES_LIMIT]
    )
    tags = verified.values_list("tags", flat=True)[:COUNT_LIMIT]
    languages = verified.exclude(language="").values_list("language", flat=True).distinct()[:CHOICES_LIMIT]
    return Choices(
        documents=tuple(documents),
        ratings=tuple(_ratings(desk_id)),
        tags=tuple(sorted({tag for claim_tags in tags for tag in claim_tags})[:CHOICES_LIMIT]),
        languages=tuple(sorted(languages)),
    )


def known_documents(desk_id: int, pks: Sequence[int]) -> dict[int, str]:
    """Return the titles of the given documents that belong to the desk, by identifier."""
    return dict(Document.objects.of_desk(desk_id).filter(pk__in=pks).values_list("pk", "title"))


def known_ratings(desk_id: int, slugs: Sequence[str]) -> dict[str, str]:
    """Return the labels of the given slugs that a scale of the desk has, newest scale first."""
    return {slug: label for slug, label in _ratings(desk_id) if slug in slugs}


def reports(desk_id: int, *, before: int | None = None, size: int | None = None) -> ReportPage:
    """Return one page of a desk's reports, newest first, below the number `before`; one query."""
    size = size or PAGE_SIZE
    listed = Report.objects.filter(desk_id=desk_id).select_related("created_by", "desk").order_by("-number")
    if before is not None:
        listed = listed.filter(number__lt=before)
    found = list(listed[: size + 1])
    more = len(found) > size
    found = found[:size]
    return ReportPage(tuple(found), found[-1].number if more else None)


def report_for(user: User, report_id: int) -> Report:
    """Return a report of one of the person's desks; raises Missing for any other. One query."""
    return get_visible(user, Report.objects.select_related("desk", "created_by"), report_id)


def rows_page(report_id: int, *, after: int = 0, size: int | None = None) -> RowsPage:
    """Return at most `size` rows of a report that follow the position `after`; one query."""
    size = size or ROWS_PAGE_SIZE
    found = (
        StoredRow.objects.filter(report_id=report_id, position__gt=after)
        .order_by("position")
        .values_list("position", "data")
    )
    rows = list(found[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    previous = max(0, after - size) if after and rows else None
    return RowsPage(tuple(rows), rows[-1][0] if more else None, previous)


def page_with_claim(report_id: int, claim_id: int, *, size: int | None = None) -> int:
    """Return the position after which the page of a report that holds the claim begins; one query.

    Raises Missing when the claim is not in the report.
    """
    size = size or ROWS_PAGE_SIZE
    position = (
        StoredRow.objects.filter(report_id=report_id, claim_id=claim_id)
        .values_list("position", flat=True)
        .first()
    )
    if position is None:
        raise Missing("This report does not hold that claim.")
    return (position - 1) // size * size


def head_of(report: Report) -> ReportHead:
    """Return the frozen head of a ready report. Raises ValueError for a report that is not ready."""
    if report.state != ReportState.READY or report.frozen_at is None:
        raise ValueError("only a ready report has a head")
    head = report.head
    return ReportHead(
        desk=head["desk"],
        number=report.number,
        title=report.title,
        criteria=head["criteria"],
        frozen_at=report.frozen_at,
        row_count=report.row_count,
        content_hash=report.content_hash,
        url=head["url"],
        publisher=head["publisher"],
        publisher_url=head["publisher_url"],
        claim_page=head.get("claim_page", ""),
        tally=tuple(RatingTally(**line) for line in head["tally"]),
    )


def _ratings(desk_id: int) -> list[tuple[str, str]]:
    rated = (
        Rating.objects.filter(scale__desk_id=desk_id)
        .order_by("scale__number", "position")
        .values_list("slug", "label")
    )
    return list(dict(rated).items())


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
