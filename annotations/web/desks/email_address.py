"""The person's e-mail address: ask for a link, confirm by it, forget it."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse

from annotations.domain.errors import Refused
from annotations.web.decorators import page
from annotations.web.desks.account import account_page
from annotations.web.forms.desks import EmailForm
from annotations.web.refusals import put_on_form
from annotations.web.requests import SignedInRequest
from annotations.workflow.desks import email_address as workflow


@page("POST")
def ask(request: SignedInRequest) -> HttpResponse:
    """Mail a link to the address that was typed."""
    form = EmailForm(request.POST)
    if form.is_valid():
        # Built on the public address: the name in a request may be anybody's.
        link = settings.PUBLIC_URL + reverse("confirm_email", args=["TOKEN"]).replace("TOKEN", "{token}")
        address = form.cleaned_data["email"]
        try:
            workflow.ask_to_confirm(address, by=request.user, link=link)
        except Refused as refused:
            put_on_form(form, refused)
        else:
            messages.success(request, f"A link was sent to {address}. Open it within three days.")
            return redirect("account")
    return account_page(request, email_form=form, status=422)


@page("GET", "POST")
def confirm(request: SignedInRequest, token: str) -> HttpResponse:
    """Ask once more, since mail programs open links by themselves; POST confirms."""
    if request.method == "POST":
        address = workflow.confirm(token, by=request.user)
        messages.success(request, f"{address} is confirmed as your address.")
        return redirect("account")
    response = render(
        request, "desks/confirm_email.html", {"address": workflow.address_in(token, request.user)}
    )
    response["Cache-Control"] = "no-store"
    return response


@page("POST")
def remove(request: SignedInRequest) -> HttpResponse:
    """Forget the address."""
    workflow.remove(by=request.user)
    messages.success(request, "Your e-mail address is removed.")
    return redirect("account")


urlpatterns: list[URLPattern] = [
    path("account/e-mail/", ask, name="ask_to_confirm_email"),
    path("account/e-mail/remove/", remove, name="remove_email"),
    path("account/e-mail/<str:token>/", confirm, name="confirm_email"),
]
