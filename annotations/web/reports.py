"""The pages of reports: the list, a new report, a report to read, and its downloads."""

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone

from annotations.domain.background import BackgroundPart
from annotations.domain.desks.roles import Action
from annotations.domain.errors import Invalid
from annotations.domain.numbers import number_in, numbers_in
from annotations.domain.reports.criteria import Criteria, CriteriaUnusable
from annotations.downloads import report_file
from annotations.exports import FORMATS
from annotations.exports.claimreview_jsonld import findings
from annotations.models import ReportState
from annotations.permissions import can, check_can
from annotations.queries.heartbeats import part_alive
from annotations.queries.reports import (
    Preview,
    choices,
    head_of,
    known_documents,
    page_with_claim,
    preview,
    report_for,
    reports,
    rows_page,
)
from annotations.web.context import desk_in_hand
from annotations.web.decorators import page
from annotations.web.forms.reports import ReportForm
from annotations.web.refusals import put_on_form
from annotations.web.requests import SignedInRequest
from annotations.workflow.reports.freeze import INLINE_LIMIT, freeze_report


@page("GET")
def report_list(request: SignedInRequest) -> HttpResponse:
    """List the desk's reports, newest first."""
    desk = desk_in_hand(request)
    listed = reports(desk.pk, before=number_in(request.GET.get("before")))
    context = {
        "page": listed,
        "older": f"?before={listed.next_before}" if listed.next_before else "",
        "may_create": can(request.user, Action.CREATE_REPORT, desk.pk),
    }
    return render(request, "reports/list.html", context)


@page("GET", "POST")
def new_report(request: SignedInRequest) -> HttpResponse:
    """Choose claims, show how many there are, and freeze them."""
    desk = desk_in_hand(request)
    check_can(request.user, Action.CREATE_REPORT, desk.pk)
    form = _form(request, desk.pk)
    if request.method == "POST" and "count" not in request.POST and form.is_valid():
        try:
            report = freeze_report(
                desk=desk, by=request.user, title=form.cleaned_data["title"], criteria=form.criteria()
            )
        except Invalid as refused:
            put_on_form(form, refused)
        else:
            return redirect("report", report.pk)
    context = {"form": form, "preview": _preview(form, desk.pk), "inline_limit": INLINE_LIMIT}
    failed = form.is_bound and bool(form.errors)
    return render(request, "reports/new.html", context, status=422 if failed else 200)


@page("POST")
def report_preview(request: SignedInRequest) -> HttpResponse:
    """Show how many claims the form would freeze as it stands; change nothing."""
    desk = desk_in_hand(request)
    check_can(request.user, Action.CREATE_REPORT, desk.pk)
    context = {"preview": _preview(_form(request, desk.pk), desk.pk), "inline_limit": INLINE_LIMIT}
    return render(request, "reports/_preview.html", context)


@page("GET")
def report_page(request: SignedInRequest, report_id: int) -> HttpResponse:
    """Show a report to read and print, or how far it is while it is being frozen.

    `?claim=` with a claim's number leads to the page of the report that holds the claim.
    """
    report = report_for(request.user, report_id)
    if report.state != ReportState.READY:
        return render(
            request,
            "reports/waiting.html",
            {"report": report, "worker_alive": part_alive(BackgroundPart.WORKER)},
        )
    claim_id = number_in(request.GET.get("claim"))
    if claim_id is not None:
        return redirect(_place_of(report.pk, claim_id))
    if request.htmx:
        # Only the waiting page sends htmx requests. The report is ready, so the whole page is loaded again.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    listed = rows_page(report.pk, after=number_in(request.GET.get("after")) or 0)
    head = head_of(report)
    context = {
        "report": report,
        "head": head,
        "page": listed,
        "findings": findings(head, (row for _, row in listed.rows), today=timezone.localdate()),
        "newer": "" if listed.previous_after is None else _page_address(report.pk, listed.previous_after),
        "older": _page_address(report.pk, listed.next_after) if listed.next_after else "",
        "formats": FORMATS.values(),
    }
    return render(request, "reports/report.html", context)


@page("GET")
def download(request: SignedInRequest, report_id: int, form: str) -> HttpResponseBase:
    """Hand out a report as a file; the same bytes each time."""
    report = report_for(request.user, report_id)
    if form not in FORMATS:
        raise Http404
    return report_file(report, FORMATS[form], request)


def _place_of(report_id: int, claim_id: int) -> str:
    return f"{_page_address(report_id, page_with_claim(report_id, claim_id))}#claim-{claim_id}"


def _page_address(report_id: int, after: int) -> str:
    return reverse("report", args=[report_id], query={"after": after} if after else {})


def _form(request: SignedInRequest, desk_id: int) -> ReportForm:
    offered = choices(desk_id)
    if request.method == "POST":
        return ReportForm(offered, request.POST)
    wanted = numbers_in(request.GET.getlist("document"))
    return ReportForm(offered, initial={"documents": list(known_documents(desk_id, wanted))})


def _preview(form: ReportForm, desk_id: int) -> Preview | None:
    if not form.is_bound:
        return preview(desk_id, Criteria(documents=tuple(form.initial["documents"])))
    if not form.is_valid():
        return None
    criteria = form.criteria()
    try:
        criteria.check()
    except CriteriaUnusable as refused:
        put_on_form(form, refused)
        return None
    return preview(desk_id, criteria)


urlpatterns = [
    path("reports/", report_list, name="reports"),
    path("reports/new/", new_report, name="new_report"),
    path("reports/preview/", report_preview, name="report_preview"),
    path("reports/<int:report_id>/", report_page, name="report"),
    path("reports/<int:report_id>/<slug:form>/", download, name="report_download"),
]
