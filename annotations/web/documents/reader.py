"""The reader: an article with its claims, which are made, taken up, edited and placed here."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django_htmx.http import HttpResponseClientRefresh

from annotations.domain.background import BackgroundPart
from annotations.domain.claims.anchoring import find_words
from annotations.domain.claims.states import STATEMENT_EDITABLE, ClaimState
from annotations.domain.desks.roles import Action
from annotations.domain.errors import Invalid, Refused, StaleEdit
from annotations.domain.numbers import number_in, numbers_in
from annotations.models import Claim, Document, DocumentVersion
from annotations.permissions import can, check_can
from annotations.queries.documents import (
    DocumentView,
    PlacedClaim,
    Shown,
    document_for,
    document_view,
    loading_job,
    placed_claim,
)
from annotations.queries.heartbeats import part_alive
from annotations.visibility import visible_to
from annotations.web.decorators import page
from annotations.web.documents.article import article_html
from annotations.web.forms.claims import MakeForm, ParticularsForm
from annotations.web.languages import language_name
from annotations.web.refusals import put_on_form
from annotations.web.requests import SignedInRequest
from annotations.web.tabs import Tab
from annotations.workflow.claims.edit import (
    Particulars,
    WordsAmbiguous,
    WordsNotFound,
    accept_claims,
    confirm_anchor,
    create_claim,
    create_claim_from_words,
    dismiss_claims,
    edit_claim,
    restore_claims,
)


class NothingTicked(Invalid):
    """A bulk action without a claim."""

    code = "nothing_ticked"


@page("GET")
def reader(request: SignedInRequest, document_id: int) -> HttpResponse:
    """Show an article with its claims, or how far its loading is."""
    document = document_for(request.user, document_id)
    if document.current_version is None:
        job = loading_job(document)
        context = {
            "document": document,
            "job": job,
            "worker_alive": part_alive(BackgroundPart.FETCHER),
            "may_load": can(request.user, Action.LOAD_DOCUMENT, document.desk_id),
        }
        return render(request, "documents/loading.html", context)
    if request.htmx:
        # The page that waited for the text asks again and again. The text is there, so it becomes the reader.
        return HttpResponseClientRefresh()
    return _reader_page(request, document, MakeForm())


@page("POST")
def make_claim(request: SignedInRequest, document_id: int) -> HttpResponse:
    """Make a claim of selected or pasted words; ask which place is meant where the words occur twice."""
    document = document_for(request.user, document_id)
    form = MakeForm(request.POST)
    places: tuple[Any, ...] = ()
    if form.is_valid():
        try:
            claim = _claim_from(request, document, form)
        except WordsAmbiguous as refused:
            places = refused.places
            put_on_form(form, refused)
        except Refused as refused:
            put_on_form(form, refused)
        else:
            messages.success(request, "The claim is made and waits to be checked.")
            return redirect(_back(request, document_id, claim.anchor_fragment))
    return _reader_page(request, document, form, places=places)


@page("GET", "POST")
def claim_entry(request: SignedInRequest, document_id: int, claim_id: int) -> HttpResponse:
    """Show one claim of the list, with `?edit=1` its form; POST saves it, and accepts the claim if asked."""
    document = document_for(request.user, document_id)
    placed = placed_claim(request.user, document_id, claim_id)
    claim = placed.claim
    names = ParticularsForm.base_fields
    form = ParticularsForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(claim, name) for name in names},
        # Several of these may stand on one page, beside the form that makes a claim.
        auto_id=f"claim-{claim_id}-%s",
    )
    if request.method == "POST" and form.is_valid():
        try:
            edit_claim(
                claim_id,
                version=number_in(request.POST.get("version")) or 0,
                particulars=form.particulars(language=claim.language, tags=tuple(claim.tags)),
                by=request.user,
            )
            if "accept" in request.POST:
                accept_claims([claim_id], by=request.user)
        except StaleEdit:
            raise
        except Refused as refused:
            put_on_form(form, refused)
        else:
            return _entry_or_page(request, document, claim_id)
    editing = request.method == "POST" or "edit" in request.GET
    context = _entry_context(request, document, placed) | {"form": form if editing else None}
    template = "documents/_claim.html" if request.htmx else "documents/claim_form.html"
    return render(request, template, context, status=422 if form.errors else 200)


@page("POST")
def move_claim(request: SignedInRequest, document_id: int, claim_id: int) -> HttpResponse:
    """Accept, dismiss or restore one claim."""
    document = document_for(request.user, document_id)
    placed_claim(request.user, document_id, claim_id)
    _move(request, [claim_id])
    return _entry_or_page(request, document, claim_id)


@page("POST")
def bulk(request: SignedInRequest, document_id: int) -> HttpResponse:
    """Accept or dismiss the ticked claims together; those that cannot be moved stay and are named."""
    check_can(request.user, Action.EDIT_CLAIM, document_for(request.user, document_id).desk_id)
    ticked = numbers_in(request.POST.getlist("claim"))
    if not ticked:
        raise NothingTicked("Tick the claims first, then choose what to do with them.")
    here = visible_to(Claim.objects.filter(document_id=document_id, pk__in=ticked), request.user)
    known = set(here.values_list("pk", flat=True))
    messages.success(request, _move(request, [claim_id for claim_id in ticked if claim_id in known]))
    return redirect(_back(request, document_id))


@page("POST")
def place_claim(request: SignedInRequest, document_id: int, claim_id: int) -> HttpResponse:
    """Confirm where a claim stands: where it was found, or where the selected or pasted words stand."""
    document = document_for(request.user, document_id)
    placed = placed_claim(request.user, document_id, claim_id)
    version = document.current_version
    assert version is not None
    start, end, exact = _chosen_place(request, placed, version)
    version_id = number_in(request.POST.get("version_id"))
    if version_id is None and "here" in request.POST:
        # What stands "here" is known only of the version that the form names.
        version_id = 0
    confirm_anchor(claim_id, start=start, end=end, exact=exact, by=request.user, version_id=version_id)
    messages.success(request, "The claim has its place in this version.")
    return redirect(_back(request, document_id, placed.claim.anchor_fragment))


def _reader_page(
    request: SignedInRequest, document: Document, form: MakeForm, *, places: tuple[Any, ...] = ()
) -> HttpResponse:
    found = document_view(request.user, document, number=number_in(request.GET.get("version")))
    shown = _shown(request)
    listed = found.shown(shown)
    # Dismissed claims are marked in the text only where they are asked for.
    marked = listed if shown is Shown.DISMISSED else found.shown(Shown.ALL)
    may_edit = can(request.user, Action.EDIT_CLAIM, document.desk_id) and found.is_current
    form.initial.setdefault("version_id", found.version.pk)
    context = {
        "document": document,
        "view": found,
        "version": found.version,
        "older_versions": [n for n in found.version_numbers if n != found.version.number],
        "article": article_html(found.version.text, marked),
        "claims": listed,
        "tabs": _tabs(document, found, shown),
        "shown": shown.value,
        "language": language_name(document.language),
        "form": form,
        "places": places,
        "making": form.is_bound,
        "placing": _placing(request, found) if may_edit else None,
        "may_edit": may_edit,
        "may_edit_document": can(request.user, Action.EDIT_DOCUMENT, document.desk_id),
        "editable": STATEMENT_EDITABLE,
        "any_proposed": may_edit and any(p.claim.state == ClaimState.PROPOSED for p in listed),
    }
    return render(request, "documents/reader.html", context, status=422 if form.errors else 200)


def _claim_from(request: SignedInRequest, document: Document, form: MakeForm) -> Claim:
    data = dict(form.cleaned_data)
    words, place = data.pop("words"), data.pop("place")
    start, end, version_id = data.pop("start"), data.pop("end"), data.pop("version_id")
    particulars = Particulars(**data)
    if not particulars.statement:
        particulars = Particulars(**(data | {"statement": " ".join(words.split())[:2000]}))
    # Browsers send the line breaks of a form as CRLF; the article has plain newlines.
    exact = words.replace("\r\n", "\n")
    if start is not None and end is not None:
        return create_claim(
            document.pk,
            start=start,
            end=end,
            exact=exact,
            by=request.user,
            particulars=particulars,
            version_id=version_id,
        )
    return create_claim_from_words(
        document.pk, words=exact, by=request.user, place=place, particulars=particulars
    )


def _chosen_place(
    request: SignedInRequest, placed: PlacedClaim, version: DocumentVersion
) -> tuple[int, int, str]:
    if "here" in request.POST:
        return placed.anchor.start, placed.anchor.end, placed.anchor.exact
    words = request.POST.get("words", "").replace("\r\n", "\n")
    start, end = number_in(request.POST.get("start")), number_in(request.POST.get("end"))
    if start is not None and end is not None:
        return start, end, words
    spans = find_words(version.text, words)
    if len(spans) != 1:
        raise WordsNotFound(
            "These words do not stand in the article. Copy them from the article itself and paste them again."
            if not spans
            else f"These words stand in the article {len(spans)} times. Paste more of the words around them.",
            fields={"words": "Give words that stand in the article once."},
        )
    return spans[0].start, spans[0].end, version.text[spans[0].start : spans[0].end]


def _move(request: SignedInRequest, claim_ids: list[int]) -> str:
    """Do what the pressed button says, and return a sentence about the outcome."""
    action = request.POST.get("action", "")
    if action == "dismiss":
        outcome = dismiss_claims(claim_ids, by=request.user, reason=request.POST.get("reason", ""))
        done = "dismissed"
    elif action == "restore":
        outcome, done = restore_claims(claim_ids, by=request.user), "restored"
    else:
        outcome, done = accept_claims(claim_ids, by=request.user), "accepted"
    sentence = f"{len(outcome.done)} {done}."
    if outcome.refused:
        sentence += f" {len(outcome.refused)} stayed as they were: {next(iter(outcome.refused.values()))}"
    return sentence


def _entry_or_page(request: SignedInRequest, document: Document, claim_id: int) -> HttpResponse:
    if not request.htmx:
        return redirect(_back(request, document.pk, f"claim-{claim_id}"))
    placed = placed_claim(request.user, document.pk, claim_id)
    return render(request, "documents/_claim.html", _entry_context(request, document, placed))


def _entry_context(request: SignedInRequest, document: Document, placed: PlacedClaim) -> dict[str, Any]:
    return {
        "document": document,
        "placed": PlacedClaim(placed.claim, placed.anchor, number_in(request.GET.get("n")) or 0),
        "shown": _shown(request).value,
        "may_edit": can(request.user, Action.EDIT_CLAIM, document.desk_id),
        "editable": STATEMENT_EDITABLE,
        "form": None,
    }


def _placing(request: SignedInRequest, found: DocumentView) -> PlacedClaim | None:
    wanted = number_in(request.GET.get("place"))
    return next((placed for placed in found.claims if placed.claim.pk == wanted), None)


def _tabs(document: Document, found: DocumentView, current: Shown) -> list[Tab]:
    counts = found.counts()
    version = {} if found.is_current else {"version": found.version.number}
    offered = [shown for shown in Shown if counts[shown] or shown in (Shown.ALL, current)]
    return [
        Tab(
            shown.label,
            reverse(
                "document",
                args=[document.pk],
                query=version | ({"show": shown.value} if shown.value else {}),
            ),
            shown is current,
            counts[shown],
        )
        for shown in offered
    ]


def _shown(request: SignedInRequest) -> Shown:
    wanted = request.GET.get("show", request.POST.get("show", ""))
    return Shown(wanted) if wanted in set(Shown) else Shown.ALL


def _back(request: SignedInRequest, document_id: int, fragment: str | None = None) -> str:
    shown = _shown(request).value
    query = {"show": shown} if shown else {}
    return reverse("document", args=[document_id], query=query, fragment=fragment)


urlpatterns: list[URLPattern] = [
    path("documents/<int:document_id>/", reader, name="document"),
    path("documents/<int:document_id>/claims/", make_claim, name="make_claim"),
    path("documents/<int:document_id>/claims/bulk/", bulk, name="bulk_document_claims"),
    path("documents/<int:document_id>/claims/<int:claim_id>/", claim_entry, name="claim_entry"),
    path("documents/<int:document_id>/claims/<int:claim_id>/move/", move_claim, name="move_claim"),
    path("documents/<int:document_id>/claims/<int:claim_id>/place/", place_claim, name="place_claim"),
]
