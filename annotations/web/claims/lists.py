"""The list of claims: filtered, saved as a filter, and changed in bulk."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse

from annotations.domain.claims.states import STATE_LABELS
from annotations.domain.desks.roles import Action
from annotations.domain.errors import Invalid
from annotations.domain.numbers import number_in, numbers_in
from annotations.models import Desk
from annotations.permissions import can
from annotations.queries.claims.choices import Choices, choices_on, saved_filters_of
from annotations.queries.claims.lists import NOBODY, ClaimFilter, claims_page, matching_ids
from annotations.queries.paging import COUNT_CAP
from annotations.visibility import get_colleague
from annotations.web.claims.moments import DUE_AT, moment_of
from annotations.web.context import desk_in_hand, memberships_of
from annotations.web.decorators import page
from annotations.web.languages import LANGUAGES
from annotations.web.requests import SignedInRequest
from annotations.workflow.claims.edit import BulkOutcome, accept_claims, dismiss_claims, restore_claims
from annotations.workflow.claims.organise import assign_claims, prioritise_claims, tag_claims
from annotations.workflow.desks.saved_filters import delete_filter, save_filter

ALL_DESKS = "all"
_STATES = (
    ("open,returned", "Waiting to be checked"),
    *((state.value, label) for state, label in STATE_LABELS.items()),
)


class NothingSelected(Invalid):
    """A bulk action without a claim."""

    code = "nothing_selected"


class TooMany(Invalid):
    """More claims match than one action takes."""

    code = "too_many_claims"


class UnknownAction(Invalid):
    """A bulk action that is not there."""

    code = "unknown_action"


@dataclass(frozen=True)
class Chip:
    """One part of the filter in use, and the address without it."""

    words: str
    url: str


@page("GET")
def claims(request: SignedInRequest) -> HttpResponse:
    """Show a page of claims by priority, due date and age, filtered by the parameters of the address."""
    desk = desk_in_hand(request)
    chosen, everywhere = _chosen(request, desk)
    found = claims_page(request.user, chosen, after=request.GET.get("after", ""))
    choices = choices_on(desk.pk, document_id=number_in(chosen.document))
    here = reverse("claims")
    asked = _asked(chosen, everywhere)
    return render(
        request,
        "claims/list.html",
        {
            "desk": desk,
            "desks": [membership.desk for membership in memberships_of(request)],
            "everywhere": everywhere,
            "chosen": chosen,
            "chips": _chips(chosen, choices, everywhere),
            "query": asked,
            "page": found,
            "older": f"{here}?{asked}&after={found.after}" if found.after else "",
            "newest": f"{here}?{asked}" if request.GET.get("after") else "",
            "choices": choices,
            "states": _STATES,
            "languages": LANGUAGES,
            "saved": saved_filters_of(request.user, desk.pk),
            "may_organise": can(request.user, Action.ORGANISE, desk.pk),
            "bulk_limit": COUNT_CAP,
        },
    )


@page("POST")
def bulk(request: SignedInRequest) -> HttpResponse:
    """Do one thing to the ticked claims, or to all that match the filter, in one transaction."""
    desk = desk_in_hand(request)
    chosen, everywhere = _chosen(request, desk)
    ids = _ticked(request, chosen)
    act = _BULK.get(request.POST.get("action", ""))
    if act is None:
        raise UnknownAction("Choose what to do with the selected claims.")
    messages.success(request, act(request, ids))
    return redirect(f"{reverse('claims')}?{_asked(chosen, everywhere)}")


@page("POST")
def keep_filter(request: SignedInRequest) -> HttpResponse:
    """Save the filter in use under a name, for this person."""
    desk = desk_in_hand(request)
    chosen, everywhere = _chosen(request, desk)
    query = _asked(chosen, everywhere)
    kept = save_filter(desk_id=desk.pk, name=request.POST.get("name", ""), query=query, by=request.user)
    messages.success(request, f"Kept as “{kept.name}”. It is also on your queue page.")
    return redirect(f"{reverse('claims')}?{query}")


@page("POST")
def forget_filter(request: SignedInRequest, filter_id: int) -> HttpResponse:
    """Delete one of the person's own filters."""
    delete_filter(filter_id, by=request.user)
    messages.success(request, "The filter is forgotten.")
    return redirect("claims")


def _chosen(request: SignedInRequest, desk: Desk) -> tuple[ClaimFilter, bool]:
    """Read the filter. `desk` is a slug or ALL_DESKS in the address, and an id in the filter."""
    everywhere = request.GET.get("desk") == ALL_DESKS
    return replace(ClaimFilter.of(request.GET.dict()), desk="" if everywhere else str(desk.pk)), everywhere


def _asked(chosen: ClaimFilter, everywhere: bool) -> str:
    asked = chosen.without("desk").query_string()
    return "&".join(part for part in (asked, f"desk={ALL_DESKS}" if everywhere else "") if part)


def _chips(chosen: ClaimFilter, choices: Choices, everywhere: bool) -> list[Chip]:
    people = dict(choices.people) | {"me": "Mine", NOBODY: "Nobody’s"}
    words = {
        "document": dict(choices.documents),
        "state": dict(_STATES),
        "rating": dict(choices.ratings),
        "person": people,
        "language": dict(LANGUAGES),
        "overdue": {chosen.overdue: "Overdue"},
    }
    return [
        Chip(
            f"#{value}" if name == "tag" else words.get(name, {}).get(value, f"“{value}”"),
            f"{reverse('claims')}?{_asked(chosen.without(name), everywhere)}",
        )
        for name, value in chosen.without("desk").parts()
    ]


def _ticked(request: SignedInRequest, chosen: ClaimFilter) -> list[int]:
    if request.POST.get("all_matching"):
        ids = matching_ids(request.user, chosen, limit=COUNT_CAP + 1)
        if len(ids) > COUNT_CAP:
            raise TooMany(f"More than {COUNT_CAP:,} claims match. Narrow the filter, then do it in parts.")
    else:
        ids = numbers_in(request.POST.getlist("claim"))
    if not ids:
        raise NothingSelected("No claim is selected. Tick some claims first, or “all that match”.")
    return ids


def _assign(request: SignedInRequest, ids: list[int]) -> str:
    wanted = request.POST.get("assignee", "")
    if wanted == NOBODY:
        assignee = None
    else:
        person_id = number_in(wanted)
        if person_id is None:
            raise UnknownAction("Choose whom to assign them to.", fields={"assignee": "Choose someone."})
        assignee = get_colleague(request.user, person_id)
    number = assign_claims(ids, assignee=assignee, by=request.user)
    return f"{_many(number)} assigned to {assignee.display_name if assignee else 'nobody in particular'}."


def _prioritise(request: SignedInRequest, ids: list[int]) -> str:
    wanted = request.POST.get("priority", "")
    due = moment_of(request.POST.get("due", ""), at=DUE_AT)
    clear = bool(request.POST.get("clear_due"))
    if not wanted and due is None and not clear:
        raise UnknownAction("Choose a priority or a due day.", fields={"priority": "Choose one."})
    number = prioritise_claims(ids, by=request.user, priority=number_in(wanted), due_at=due, clear_due=clear)
    return f"Priority and due day set for {_many(number)}."


def _tag(request: SignedInRequest, ids: list[int]) -> str:
    add = [tag for tag in request.POST.get("add_tags", "").split(",") if tag.strip()]
    remove = [tag for tag in request.POST.get("remove_tags", "").split(",") if tag.strip()]
    if not add and not remove:
        raise UnknownAction("Write a tag to add or to take away.", fields={"add_tags": "Write a tag."})
    return f"Tags changed on {_many(tag_claims(ids, by=request.user, add=add, remove=remove))}."


def _accept(request: SignedInRequest, ids: list[int]) -> str:
    return _summary(accept_claims(ids, by=request.user), "accepted")


def _dismiss(request: SignedInRequest, ids: list[int]) -> str:
    return _summary(dismiss_claims(ids, by=request.user, reason=request.POST.get("reason", "")), "dismissed")


def _restore(request: SignedInRequest, ids: list[int]) -> str:
    return _summary(restore_claims(ids, by=request.user), "restored")


def _summary(outcome: BulkOutcome, done: str) -> str:
    words = f"{_many(len(outcome.done))} {done}."
    if outcome.refused:
        words += f" {_many(len(outcome.refused))} left as they were: {next(iter(outcome.refused.values()))}"
    return words


def _many(number: int) -> str:
    return "1 claim" if number == 1 else f"{number:,} claims"


_BULK: dict[str, Callable[[SignedInRequest, list[int]], str]] = {
    "assign": _assign,
    "prioritise": _prioritise,
    "tag": _tag,
    "accept": _accept,
    "dismiss": _dismiss,
    "restore": _restore,
}

urlpatterns: list[URLPattern] = [
    path("claims/", claims, name="claims"),
    path("claims/bulk/", bulk, name="bulk_claims"),
    path("claims/filters/", keep_filter, name="keep_filter"),
    path("claims/filters/<int:filter_id>/forget/", forget_filter, name="forget_filter"),
]
