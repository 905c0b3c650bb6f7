"""The page of one reference: what it is, its captures and their proof, and its fetches."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse

from annotations.domain.desks.roles import Action
from annotations.domain.errors import Invalid, WrongState
from annotations.domain.numbers import number_in
from annotations.extraction import MAX_FILE_BYTES
from annotations.models import Evidence
from annotations.permissions import can, check_can
from annotations.queries.references.page import ReferencePage, fetch_now, mark_of, reference_page
from annotations.visibility import visible_to
from annotations.web.decorators import page
from annotations.web.forms.references import UploadForm
from annotations.web.polling import LATER, SOON
from annotations.web.refusals import put_on_form
from annotations.web.requests import SignedInRequest
from annotations.workflow.evidence.upload import upload_capture
from annotations.workflow.fetches.request import cancel_fetch, order_unverified, retry_fetch


@page("GET")
def reference(request: SignedInRequest, reference_id: int) -> HttpResponse:
    """Show a source: whether it changed, whether it is proved, and all that was captured of it."""
    return _show(request, reference_id)


@page("GET")
def waiting(request: SignedInRequest, reference_id: int) -> HttpResponse:
    """Answer a page that asks about its fetch: with what changed, or with 204 if nothing did."""
    source, fetch, missing = fetch_now(request.user, reference_id)
    if mark_of(source, fetch, worker_missing=missing) == request.GET.get("seen", ""):
        return HttpResponse(status=204)
    found = reference_page(request.user, reference_id)
    message = "" if fetch.waiting else f"Fetch ended: {fetch.state.label}"
    return render(request, "references/_landed.html", {**_context(request, found), "message": message})


@page("POST")
def fetch(request: SignedInRequest, reference_id: int) -> HttpResponse:
    """Fetch the page again now."""
    return _ask(request, reference_id, retry_fetch, "The page is fetched again.")


@page("POST")
def cancel(request: SignedInRequest, reference_id: int) -> HttpResponse:
    """Call off the fetch."""
    return _ask(request, reference_id, cancel_fetch, "The fetch is cancelled.")


@page("POST")
def overlook(request: SignedInRequest, reference_id: int) -> HttpResponse:
    """Fetch the page once in spite of its certificate."""
    message = "The page is fetched once without checking the certificate. What comes stays marked."
    return _ask(request, reference_id, order_unverified, message)


@page("POST", takes_files=True)
def upload(request: SignedInRequest, reference_id: int) -> HttpResponse:
    """Keep what a person sees at the address, under their name, and go back to where they came from."""
    # The right comes first: whoever may not upload is refused even with an empty form.
    check_can(request.user, Action.ATTACH_EVIDENCE, fetch_now(request.user, reference_id)[0].desk_id)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, reference_id, form=form, status=422)
    file = form.cleaned_data["file"]
    try:
        # One byte more than is allowed is enough to see that the file is too large.
        content = file.read(MAX_FILE_BYTES + 1)
        upload_capture(reference_id, filename=file.name, content=content, by=request.user)
    except (Invalid, WrongState) as refused:
        put_on_form(form, refused)
        return _show(request, reference_id, form=form, status=422 if isinstance(refused, Invalid) else 409)
    messages.success(request, "Kept, with your name on it: uploaded, not fetched.")
    evidence = _evidence(request, reference_id)
    if evidence is not None:
        return redirect(reverse("claim", args=[evidence.claim_id], fragment=f"source-{evidence.pk}"))
    return redirect("reference", reference_id)


def _ask(
    request: SignedInRequest, reference_id: int, action: Callable[..., Any], message: str
) -> HttpResponse:
    action(reference_id, by=request.user)
    if request.htmx:
        found = reference_page(request.user, reference_id)
        return render(request, "references/_landed.html", {**_context(request, found), "message": message})
    messages.success(request, message)
    return redirect("reference", reference_id)


def _show(
    request: SignedInRequest, reference_id: int, *, form: UploadForm | None = None, status: int = 200
) -> HttpResponse:
    found = reference_page(request.user, reference_id, before=request.GET.get("before", ""))
    context = {
        **_context(request, found),
        "form": form or UploadForm(),
        "refused": form is not None,
        "is_first": not request.GET.get("before", ""),
        "evidence": request.POST.get("evidence", request.GET.get("evidence", "")),
    }
    return render(request, "references/reference.html", context, status=status)


def _context(request: SignedInRequest, found: ReferencePage) -> dict[str, object]:
    soon = found.worker_missing or found.fetch.next_at is None
    return {
        "page": found,
        "reference": found.reference,
        "fetch": found.fetch,
        "may_attach": can(request.user, Action.ATTACH_EVIDENCE, found.reference.desk_id),
        "seconds": SOON if soon else LATER,
    }


def _evidence(request: SignedInRequest, reference_id: int) -> Evidence | None:
    """Return the evidence from whose card the person came, None where they came from elsewhere."""
    evidence_id = number_in(request.POST.get("evidence")) or 0
    rows = Evidence.objects.filter(pk=evidence_id, reference=reference_id)
    return visible_to(rows, request.user).first()


urlpatterns: list[URLPattern] = [
    path("sources/<int:reference_id>/", reference, name="reference"),
    path("sources/<int:reference_id>/waiting/", waiting, name="waiting_reference"),
    path("sources/<int:reference_id>/fetch/", fetch, name="fetch_reference"),
    path("sources/<int:reference_id>/cancel/", cancel, name="cancel_reference"),
    path("sources/<int:reference_id>/overlook-certificate/", overlook, name="overlook_reference"),
    path("sources/<int:reference_id>/upload/", upload, name="upload_reference"),
]
