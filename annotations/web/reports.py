"""The pages of reports: the list, a new one, one to read, and its downloads."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from annotations.domain.desks.roles import Action
from annotations.domain.errors import Invalid
from annotations.domain.reports.criteria import Criteria, CriteriaUnusable
from annotations.exports import FORMATS, file_name
from annotations.exports.claimreview_jsonld import findings
from annotations.models import ReportState
from annotations.permissions import can, check_can
from annotations.queries.fetches.views import worker_alive
from annotations.queries.reports import (
    Choices,
    Preview,
    ReportRows,
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
from annotations.web.forms import put_on_form
from annotations.web.requests import SignedInRequest
from annotations.workflow.reports.freeze import INLINE_LIMIT, check_ready, freeze_report


class ReportForm(forms.Form):
    """By what a new report chooses; everything may be left open."""

    title = forms.CharField(
        max_length=300,
        required=False,
        help_text="What readers see on top. Left empty, the article’s title is taken, or “Verified claims”.",
    )
    documents = forms.TypedMultipleChoiceField(
        coerce=int, required=False, widget=forms.CheckboxSelectMultiple, label="Articles"
    )
    ratings = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    tags = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    claimant = forms.CharField(max_length=200, required=False, label="Claimant’s name contains")
    language = forms.ChoiceField(required=False)
    verified_from = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    verified_to = forms.DateField(
        required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), label="Verified until"
    )

    def __init__(self, offered: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, options in (
            ("documents", list(offered.documents)),
            ("ratings", list(offered.ratings)),
            ("tags", [(tag, tag) for tag in offered.tags]),
            ("language", [("", "Any language"), *((code, code) for code in offered.languages)]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = options
        if not offered.tags:
            del self.fields["tags"]

    def criteria(self) -> Criteria:
        """What was chosen. The form must be valid."""
        chosen = self.cleaned_data
        return Criteria(
            documents=tuple(chosen["documents"]),
            verified_from=chosen["verified_from"],
            verified_to=chosen["verified_to"],
            ratings=tuple(chosen["ratings"]),
            claimant=chosen["claimant"],
            tags=tuple(chosen.get("tags", ())),
            language=chosen["language"],
        )


@page("GET")
def report_list(request: SignedInRequest) -> HttpResponse:
    """A desk's reports, newest first."""
    desk = desk_in_hand(request)
    listed = reports(desk.pk, before=_number(request, "before"))
    context = {
        "page": listed,
        "older": f"?before={listed.next_before}" if listed.next_before else "",
        "may_create": can(request.user, Action.CREATE_REPORT, desk.pk),
    }
    return render(request, "reports/list.html", context)


@page("GET", "POST")
def new_report(request: SignedInRequest) -> HttpResponse:
    """Choose claims, see how many they are, freeze them."""
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
    """How many claims the form as it stands would freeze; changes nothing."""
    desk = desk_in_hand(request)
    check_can(request.user, Action.CREATE_REPORT, desk.pk)
    context = {"preview": _preview(_form(request, desk.pk), desk.pk), "inline_limit": INLINE_LIMIT}
    return render(request, "reports/_preview.html", context)


@page("GET")
def report_page(request: SignedInRequest, report_id: int) -> HttpResponse:
    """A report to read and print; while it is being frozen, how that stands.

    `?claim=` with a claim's number leads to its place on the page that holds it.
    """
    report = report_for(request.user, report_id)
    if report.state != ReportState.READY:
        return render(request, "reports/waiting.html", {"report": report, "worker_alive": worker_alive()})
    claim_id = _number(request, "claim")
    if claim_id is not None:
        return redirect(_place_of(report.pk, claim_id))
    if request.htmx:
        # Only the waiting page asks this way: the report is there, so the whole page is loaded anew.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    listed = rows_page(report.pk, after=_number(request, "after") or 0)
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
    """The report as a file, streamed; the same bytes each time."""
    report = report_for(request.user, report_id)
    if form not in FORMATS:
        raise Http404
    check_ready(report)
    head = head_of(report)
    etag = f'W/"{report.content_hash}-{form}"'
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    chosen = FORMATS[form]
    response = StreamingHttpResponse(
        chosen.write(head, ReportRows(report.pk)), content_type=chosen.media_type
    )
    response["Content-Disposition"] = content_disposition_header(True, file_name(head, chosen)) or ""
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def _place_of(report_id: int, claim_id: int) -> str:
    return f"{_page_address(report_id, page_with_claim(report_id, claim_id))}#claim-{claim_id}"


def _page_address(report_id: int, after: int) -> str:
    return reverse("report", args=[report_id]) + (f"?after={after}" if after else "")


def _form(request: SignedInRequest, desk_id: int) -> ReportForm:
    offered = choices(desk_id)
    if request.method == "POST":
        return ReportForm(offered, request.POST)
    return ReportForm(offered, initial={"documents": list(known_documents(desk_id, _documents(request)))})


def _documents(request: HttpRequest) -> list[int]:
    return [int(text) for text in request.GET.getlist("document") if text.isdecimal() and len(text) < 19]


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


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


urlpatterns = [
    path("reports/", report_list, name="reports"),
    path("reports/new/", new_report, name="new_report"),
    path("reports/preview/", report_preview, name="report_preview"),
    path("reports/<int:report_id>/", report_page, name="report"),
    path("reports/<int:report_id>/<slug:form>/", download, name="report_download"),
]
