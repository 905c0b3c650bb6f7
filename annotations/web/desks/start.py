"""The page of somebody who is on no desk yet: what they can do, or whom they tell their name."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path

from annotations.queries.desks.people import invitations_to
from annotations.web.context import membership_in_hand
from annotations.web.decorators import page
from annotations.web.forms.desks import DeskForm
from annotations.web.requests import SignedInRequest


@page("GET")
def start(request: SignedInRequest) -> HttpResponse:
    """Show what the person can do without a desk; whoever is on one goes to their queue."""
    if membership_in_hand(request) is not None:
        return redirect("queue")
    context = {
        "invitations": invitations_to(request.user),
        "form": DeskForm() if request.user.is_superuser else None,
    }
    return render(request, "desks/start.html", context)


urlpatterns: list[URLPattern] = [path("start/", start, name="start")]
