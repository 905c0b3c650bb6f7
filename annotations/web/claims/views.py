"""One claim: its page, its wording, its moves, its assignee and its priority."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path

from annotations.domain.desks.roles import Action
from annotations.domain.errors import Invalid, StaleEdit
from annotations.domain.numbers import number_in
from annotations.models import Claim
from annotations.permissions import check_can
from annotations.queries.claims.page import claim_page
from annotations.visibility import get_colleague
from annotations.web.claims.moments import DUE_AT, moment_of
from annotations.web.claims.screen import abilities, show_claim
from annotations.web.decorators import page
from annotations.web.forms.claims import WordingForm
from annotations.web.refusals import put_on_form
from annotations.web.requests import SignedInRequest
from annotations.workflow.claims.edit import (
    accept_claims,
    dismiss_claims,
    edit_claim,
    restore_claims,
)
from annotations.workflow.claims.organise import assign_claims, prioritise_claims, tag_claims


class PersonUnknown(Invalid):
    """The person to assign to is not there."""

    code = "person_unknown"


@page("GET")
def claim(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Show one claim: its words in the article, sources, verdict, review, history and log."""
    return show_claim(request, claim_id)


@page("GET", "POST")
def edit(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Change the wording and particulars. A newer edit by someone else is shown beside the person's own."""
    found = claim_page(request.user, claim_id)
    check_can(request.user, Action.EDIT_CLAIM, found.claim.desk_id)
    form = WordingForm(
        request.POST or None, initial=_initial(found.claim, token=_token_of(request, found.claim))
    )
    newer: list[tuple[str, str, str]] = []
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                edit_claim(
                    claim_id,
                    version=form.cleaned_data["version"],
                    particulars=form.particulars(),
                    by=request.user,
                    lease_token=form.cleaned_data["lease_token"],
                )
            except StaleEdit as refused:
                status = 409
                newer = _differing(form, refused.current)
                put_on_form(form, refused)
                # The person has now seen the newer version, so that is the one the form rests on.
                form.data = {**request.POST.dict(), "version": str(refused.current["version"])}
            except Invalid as refused:
                put_on_form(form, refused)
            else:
                messages.success(request, "Saved.")
                return redirect("claim", claim_id)
    context = {
        "page": found,
        "claim": found.claim,
        "form": form,
        "newer": newer,
        "may": abilities(request.user, found),
    }
    return render(request, "claims/edit.html", context, status=status)


@page("POST")
def accept(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Take a proposed claim up for checking."""
    accept_claims([claim_id], by=request.user)
    messages.success(request, "Accepted. It waits for sources and a verdict.")
    return redirect("claim", claim_id)


@page("POST")
def dismiss(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Set a claim aside as not worth checking."""
    dismiss_claims([claim_id], by=request.user, reason=request.POST.get("reason", "").strip())
    messages.success(request, "Dismissed. It can be restored here at any time.")
    return redirect("claim", claim_id)


@page("POST")
def restore(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Bring a dismissed claim back."""
    restore_claims([claim_id], by=request.user)
    messages.success(request, "Restored. It waits to be checked.")
    return redirect("claim", claim_id)


@page("POST")
def assign(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Assign the claim to a person, or to nobody where nobody is chosen."""
    wanted = request.POST.get("assignee", "")
    person_id = number_in(wanted)
    if wanted and person_id is None:
        raise PersonUnknown("Choose someone of this desk.", fields={"assignee": "Choose someone."})
    assignee = None if person_id is None else get_colleague(request.user, person_id)
    assign_claims([claim_id], assignee=assignee, by=request.user)
    messages.success(
        request, f"Assigned to {assignee.display_name}." if assignee else "Assigned to nobody in particular."
    )
    return redirect("claim", claim_id)


@page("POST")
def prioritise(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Set priority and due day; an empty day removes the due day."""
    due = moment_of(request.POST.get("due", ""), at=DUE_AT)
    prioritise_claims(
        [claim_id],
        by=request.user,
        priority=number_in(request.POST.get("priority")),
        due_at=due,
        clear_due=due is None,
    )
    messages.success(request, "Priority and due day are set.")
    return redirect("claim", claim_id)


@page("POST")
def tag(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Add tags, which are separated by commas, and remove others."""
    add = request.POST.get("add", "").split(",")
    tag_claims([claim_id], by=request.user, add=add, remove=request.POST.getlist("remove"))
    return redirect("claim", claim_id)


def _token_of(request: SignedInRequest, claim: Claim) -> int | None:
    return claim.lease_token if claim.lease_holder_id == request.user.pk else None


def _initial(claim: Claim, *, token: int | None) -> dict[str, object]:
    names = ("statement", "claimant_name", "claimant_kind", "claimant_role", "said_on", "said_where")
    initial: dict[str, object] = {name: getattr(claim, name) for name in names}
    return {
        **initial,
        "chosen_because": claim.chosen_because,
        "language": claim.language,
        "tags": ", ".join(claim.tags),
        "version": claim.version,
        "lease_token": token,
    }


def _differing(form: WordingForm, current: dict[str, object]) -> list[tuple[str, str, str]]:
    """Return label, own text and newer text of each field that differs."""
    result = []
    for name, value in current.items():
        if name == "version" or name not in form.fields:
            continue
        newer = ", ".join(str(tag) for tag in value) if isinstance(value, list) else str(value or "")
        own = str(form.data.get(name, ""))
        if newer != own:
            result.append((str(form[name].label), own, newer))
    return result


urlpatterns: list[URLPattern] = [
    path("claims/<int:claim_id>/", claim, name="claim"),
    path("claims/<int:claim_id>/edit/", edit, name="edit_claim"),
    path("claims/<int:claim_id>/accept/", accept, name="accept_claim"),
    path("claims/<int:claim_id>/dismiss/", dismiss, name="dismiss_claim"),
    path("claims/<int:claim_id>/restore/", restore, name="restore_claim"),
    path("claims/<int:claim_id>/assign/", assign, name="assign_claim"),
    path("claims/<int:claim_id>/prioritise/", prioritise, name="prioritise_claim"),
    path("claims/<int:claim_id>/tag/", tag, name="tag_claim"),
]
