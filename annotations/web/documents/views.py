"""The pages of articles: the list, a new article, its particulars, versions and log."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse

from annotations.domain.claims.reanchoring import NEEDS_A_PERSON
from annotations.domain.desks.roles import Action
from annotations.domain.errors import Refused, StaleEdit
from annotations.domain.numbers import number_in
from annotations.models import Desk, Document, User
from annotations.permissions import can, check_can
from annotations.queries.activity import activity_of_document
from annotations.queries.desks.pages import readable
from annotations.queries.documents import Shown, document_for, document_rows
from annotations.web.context import desk_in_hand
from annotations.web.decorators import page
from annotations.web.forms.documents import AboutForm, AddressForm, FileForm, TextForm, VersionForm
from annotations.web.languages import choices_with
from annotations.web.refusals import put_on_form
from annotations.web.requests import SignedInRequest
from annotations.web.tabs import Tab
from annotations.workflow.documents.load import load_address, load_file, load_text, retry_loading
from annotations.workflow.documents.particulars import About
from annotations.workflow.documents.revise import add_version, edit_document

_WAYS: dict[str, tuple[str, type[AboutForm]]] = {
    "text": ("Paste text", TextForm),
    "file": ("Upload a file", FileForm),
    "address": ("Fetch an address", AddressForm),
}


@page("GET")
def documents(request: SignedInRequest) -> HttpResponse:
    """List the articles of the desk, newest first."""
    desk = desk_in_hand(request)
    listed = document_rows(request.user, desk.pk, after=request.GET.get("after", ""))
    context = {
        "desk": desk,
        "page": listed,
        "newest": reverse("documents") if request.GET.get("after") else "",
        "older": f"?after={listed.after}" if listed.after else "",
        "may_load": can(request.user, Action.LOAD_DOCUMENT, desk.pk),
    }
    return render(request, "documents/list.html", context)


@page("GET", "POST", takes_files=True)
def new_document(request: SignedInRequest) -> HttpResponse:
    """Add an article by text, file or address; each way has its own form."""
    desk = desk_in_hand(request)
    check_can(request.user, Action.LOAD_DOCUMENT, desk.pk)
    way = request.GET.get("by", "text")
    way = way if way in _WAYS else "text"
    form = _WAYS[way][1](_posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            document = _LOADERS[way](desk, request.user, form.cleaned_data)
        except Refused as refused:
            put_on_form(form, refused)
        else:
            return redirect("document", document.pk)
    tabs = [
        Tab(label, reverse("new_document", query={"by": name}), name == way)
        for name, (label, _) in _WAYS.items()
    ]
    own = [form[name] for name in ("text", "file") if name in form.fields]
    if way == "address":
        own = [form["url"]]
    context = {
        "desk": desk,
        "form": form,
        "way": way,
        "tabs": tabs,
        "own_fields": own,
        "about_fields": [field for field in form if field.name not in {each.name for each in own}],
        "about_wrong": any(form.errors.get(name) for name in AboutForm.base_fields),
    }
    return render(request, "documents/new.html", context, status=422 if form.errors else 200)


@page("GET", "POST")
def particulars(request: SignedInRequest, document_id: int) -> HttpResponse:
    """Correct the title, outlet, author, dates and language of an article."""
    document = document_for(request.user, document_id)
    check_can(request.user, Action.EDIT_DOCUMENT, document.desk_id)
    initial = {name: getattr(document, name) for name in AboutForm.base_fields}
    form = AboutForm(_posted(request), initial=initial)
    form.fields["title"].required = True
    form.fields["title"].help_text = ""
    _offer_language(form, document.language)
    if request.method == "POST" and form.is_valid():
        try:
            edit_document(
                document_id,
                version=number_in(request.POST.get("version")) or 0,
                about=About(**form.cleaned_data),
                by=request.user,
            )
        except StaleEdit:
            raise
        except Refused as refused:
            put_on_form(form, refused)
        else:
            messages.success(request, "The particulars of the article are saved.")
            return redirect("document", document_id)
    context = {"document": document, "form": form}
    return render(request, "documents/particulars.html", context, status=422 if form.errors else 200)


@page("GET", "POST")
def new_version(request: SignedInRequest, document_id: int) -> HttpResponse:
    """Add a newer text. Every claim is found again in it, and the page shows those that are not."""
    document = document_for(request.user, document_id)
    check_can(request.user, Action.EDIT_DOCUMENT, document.desk_id)
    current = document.current_version
    form = VersionForm(_posted(request), initial={"text": current.text if current else ""})
    if request.method == "POST" and form.is_valid():
        try:
            revised = add_version(document_id, text=form.cleaned_data["text"], by=request.user)
        except Refused as refused:
            put_on_form(form, refused)
        else:
            waiting = sum(revised.anchors.get(state, 0) for state in NEEDS_A_PERSON)
            messages.success(request, f"Version {revised.version.number} is in force. {_look(waiting)}")
            query = {"show": Shown.TO_PLACE.value} if waiting else {}
            return redirect(reverse("document", args=[document_id], query=query))
    context = {"document": document, "form": form}
    return render(request, "documents/version.html", context, status=422 if form.errors else 200)


@page("POST")
def retry(request: SignedInRequest, document_id: int) -> HttpResponse:
    """Fetch the page again of an article whose loading failed."""
    document = document_for(request.user, document_id)
    retry_loading(document.pk, by=request.user)
    return redirect("document", document_id)


@page("GET")
def log(request: SignedInRequest, document_id: int) -> HttpResponse:
    """Show what happened to an article and its claims, newest first."""
    document = document_for(request.user, document_id)
    after = request.GET.get("after", "")
    found = activity_of_document(request.user, document.pk, after=after)
    context = {
        "document": document,
        "lines": readable(found.rows),
        "newest": reverse("document_log", args=[document_id]) if after else "",
        "older": f"?after={found.after}" if found.after else "",
    }
    return render(request, "documents/log.html", context)


def _load_text(desk: Desk, by: User, data: dict[str, Any]) -> Document:
    text = data.pop("text")
    return load_text(desk=desk, by=by, text=text, about=About(**data))


def _load_file(desk: Desk, by: User, data: dict[str, Any]) -> Document:
    file: UploadedFile[bytes] = data.pop("file")
    return load_file(
        desk=desk,
        by=by,
        filename=file.name or "",
        content=file.read(),
        declared_type=file.content_type or "",
        about=About(**data),
    )


def _load_address(desk: Desk, by: User, data: dict[str, Any]) -> Document:
    return load_address(desk=desk, by=by, url=data["url"], about=About(**data))


_LOADERS: dict[str, Callable[[Desk, User, dict[str, Any]], Document]] = {
    "text": _load_text,
    "file": _load_file,
    "address": _load_address,
}


def _posted(request: SignedInRequest) -> QueryDict | None:
    """Return what the form is bound to; a form that was sent empty is bound too."""
    return request.POST if request.method == "POST" else None


def _look(waiting: int) -> str:
    if not waiting:
        return "Every claim stands where it stood."
    claims = "1 claim needs" if waiting == 1 else f"{waiting} claims need"
    return f"{claims} a look: the words changed, or their place is unclear."


def _offer_language(form: AboutForm, code: str) -> None:
    field = form.fields["language"]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices_with(code)


urlpatterns: list[URLPattern] = [
    path("documents/", documents, name="documents"),
    path("documents/new/", new_document, name="new_document"),
    path("documents/<int:document_id>/particulars/", particulars, name="edit_document"),
    path("documents/<int:document_id>/versions/", new_version, name="new_version"),
    path("documents/<int:document_id>/retry/", retry, name="retry_loading"),
    path("documents/<int:document_id>/log/", log, name="document_log"),
]
