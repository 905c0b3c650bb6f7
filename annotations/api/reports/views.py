"""Reports: frozen, read and downloaded."""

from django.http import HttpResponseBase
from django.urls import URLPattern, path
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.endpoint import DeskQuery, Endpoint, PageQuery, position
from annotations.api.idempotency import creation
from annotations.api.negotiation import AcceptIgnored
from annotations.api.operations import listing, operation
from annotations.api.reports import serializers
from annotations.domain.errors import Missing
from annotations.downloads import report_file
from annotations.exports import FORMATS
from annotations.queries.paging import Page, numbers_of
from annotations.queries.reports import report_for, reports, rows_page
from annotations.visibility import get_membership
from annotations.workflow.reports.freeze import check_ready, freeze_report

TAG = "reports"


class Reports(Endpoint):
    """The reports of a desk."""

    @listing(
        "list_reports",
        TAG,
        "List the reports of a desk",
        serializers.ReportOut,
        serializers.REPORT,
        about="Newest first.",
        query=DeskQuery,
    )
    def get(self, request: Request) -> Response:
        """List them."""
        asked = self.query(DeskQuery)
        self.check_desk(asked["desk"])
        after = position(asked["cursor"])
        before = numbers_of(after, length=1)[0] if after else None
        found = reports(asked["desk"], before=before, size=asked["page_size"])
        return self.page(serializers.ReportOut, Page(found.reports, str(found.next_before or "")))

    @operation(
        "create_report",
        TAG,
        "Freeze verified claims into a report",
        about="Large ones come back `queued` and are frozen in the background: read until `ready`.",
        body=serializers.NewReport,
        body_example={"desk": 3, "criteria": {"documents": [12], "verified_from": "2019-04-30"}},
        response=serializers.ReportOut,
        response_example=serializers.REPORT,
        refuses=(403, 404, 422),
        creates=True,
    )
    @creation
    def post(self, request: Request) -> Response:
        """Freeze it."""
        given = self.body(serializers.NewReport)
        desk = get_membership(self.person, given["desk"]).desk
        report = freeze_report(
            desk=desk, by=self.person, title=given["title"], criteria=serializers.criteria_of(given)
        )
        shown = serializers.ReportOut(report_for(self.person, report.pk)).data
        return Response(shown, status=201, headers={"Location": self.address_of("api_report", report.pk)})


class OneReport(Endpoint):
    """A report."""

    @operation(
        "get_report",
        TAG,
        "Show a report",
        response=serializers.ReportOut,
        response_example=serializers.REPORT,
        refuses=(404,),
    )
    def get(self, request: Request, report_id: int) -> Response:
        """Show it."""
        return Response(serializers.ReportOut(report_for(self.person, report_id)).data)


class Rows(Endpoint):
    """The claims of a report."""

    @listing(
        "list_report_rows",
        TAG,
        "Read the claims of a report",
        serializers.ReportRowOut,
        serializers.REPORT_ROW,
        about="In their order, as they were when the report was frozen.",
        refuses=(404, 409, 422),
    )
    def get(self, request: Request, report_id: int) -> Response:
        """Read them."""
        asked = self.query(PageQuery)
        report = report_for(self.person, report_id)
        check_ready(report)
        cursor = position(asked["cursor"])
        after = numbers_of(cursor, length=1)[0] if cursor else 0
        found = rows_page(report.pk, after=after, size=asked["page_size"])
        rows = [{"position": place, "data": data} for place, data in found.rows]
        return self.page(serializers.ReportRowOut, Page(rows, str(found.next_after or "")))


class Download(Endpoint):
    """A report as a file."""

    content_negotiation_class = AcceptIgnored

    @operation(
        "download_report",
        TAG,
        "Download a report",
        about="`form` is `html`, `csv`, `json` or `claimreview`. The same report gives the "
        "same bytes each time; send the ETag back as If-None-Match to be told so.",
        response=OpenApiTypes.STR,
        response_example="statement,rating\r\nAt least fifty injured people were brought in.,Mostly true\r\n",
        media="text/csv",
        also={
            "text/html": "<!doctype html><title>Report 4</title>",
            "application/json": '{"report": {"number": 4}, "claims": []}',
            "application/ld+json": '{"@context": "https://schema.org", "@graph": []}',
        },
        versioned=True,
        refuses=(404, 409),
    )
    def get(self, request: Request, report_id: int, form: str) -> HttpResponseBase:
        """Stream it."""
        report = report_for(self.person, report_id)
        if form not in FORMATS:
            raise Missing(f"A report can be had as {', '.join(FORMATS)}.")
        return report_file(report, FORMATS[form], request._request)


urlpatterns: list[URLPattern] = [
    path("reports/", Reports.as_view()),
    path("reports/<int:report_id>/", OneReport.as_view(), name="api_report"),
    path("reports/<int:report_id>/rows/", Rows.as_view()),
    path("reports/<int:report_id>/download/<slug:form>/", Download.as_view()),
]
