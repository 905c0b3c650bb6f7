"""Files to download: a page and the API hand out the same bytes under the same headers."""

from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from annotations.exports import Format, file_name
from annotations.models import Report, User
from annotations.queries.reports import ReportRows, head_of
from annotations.workflow.proof.download import body_of, wacz_of
from annotations.workflow.reports.freeze import check_ready

NOTHING_RUNS = "sandbox; default-src 'none'; frame-ancestors 'none'"
"""The policy under which what others wrote never runs as ours, wherever it is opened."""


def capture_wacz(capture_id: int, *, user: User) -> HttpResponseBase:
    """Return a capture with everything that proves it, as a file.

    Raises Missing, NotSigned or KeptFileGone.
    """
    download = wacz_of(capture_id, user=user)
    response = FileResponse(
        download.file, as_attachment=True, filename=download.filename, content_type="application/wacz"
    )
    response["Content-Length"] = str(download.size)
    return confined(response)


def capture_payload(capture_id: int, *, user: User) -> HttpResponseBase:
    """Return the kept bytes of a capture, to be saved and not to be shown. Raises Missing or KeptFileGone."""
    filename, size, pieces = body_of(capture_id, user=user)
    response = StreamingHttpResponse(pieces, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, filename) or ""
    response["Content-Length"] = str(size)
    return confined(response)


def report_file(report: Report, chosen: Format, request: HttpRequest) -> HttpResponseBase:
    """Return a report as a file, streamed; 304 where the request names the ETag of these bytes.

    The same report gives the same bytes each time. Raises ReportNotReady.
    """
    check_ready(report)
    head = head_of(report)
    etag = f'W/"{report.content_hash}-{chosen.slug}"'
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    response = StreamingHttpResponse(
        chosen.write(head, ReportRows(report.pk)), content_type=chosen.media_type
    )
    response["Content-Disposition"] = content_disposition_header(True, file_name(head, chosen)) or ""
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def confined(response: HttpResponseBase, policy: str = NOTHING_RUNS) -> HttpResponseBase:
    """Return `response` with headers that keep what others wrote away from our pages and from caches."""
    response["Content-Security-Policy"] = policy
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response
