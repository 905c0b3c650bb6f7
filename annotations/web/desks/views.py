"""The pages of a desk: its people and roles, its rating scale, its log."""

from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse, reverse_lazy

from annotations.domain.claims.states import STATE_LABELS, STATE_MEANINGS
from annotations.domain.desks.roles import OWN_WORK, Action, Role, matrix
from annotations.domain.errors import NotAllowed, Refused, StaleEdit
from annotations.domain.numbers import number_in
from annotations.models import Desk, Membership, User
from annotations.permissions import can, check_can
from annotations.queries.desks.pages import (
    current_scale,
    desk_log,
    members_of,
    members_without_second_factor,
)
from annotations.queries.desks.people import invitations_of
from annotations.web.context import DESK_SESSION_KEY, desk_in_hand, desk_with_slug
from annotations.web.decorators import page
from annotations.web.desks.door import let_in
from annotations.web.forms.desks import ROLES, AccountForm, DeskForm, InvitationForm
from annotations.web.refusals import put_on_form
from annotations.web.requests import SignedInRequest
from annotations.web.tabs import Tab
from annotations.workflow.desks.accounts import (
    TOKENS,
    Link,
    create_account,
    is_unused,
    make_link,
    set_first_password,
)
from annotations.workflow.desks.email_address import sends_mail
from annotations.workflow.desks.invitations import invite, withdraw_invitation
from annotations.workflow.desks.manage import change_role, create_desk, remove_member, rename_desk


@page("GET")
def desk_home(request: SignedInRequest) -> HttpResponse:
    """Go to the page of the desk that the person works on."""
    return redirect("desk_people", desk_in_hand(request).slug)


@page("GET", "POST")
def new_desk(request: SignedInRequest) -> HttpResponse:
    """Make a desk; only an administrator of this copy may."""
    if not request.user.is_superuser:
        raise NotAllowed("Only an administrator of this workbench makes new desks.")
    form = DeskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            desk = create_desk(name=form.cleaned_data["name"], by=request.user)
        except Refused as refused:
            put_on_form(form, refused)
        else:
            request.session[DESK_SESSION_KEY] = desk.pk
            messages.success(
                request, f"“{desk.name}” is there, with the standard rating scale. Add its people."
            )
            return redirect("desk_people", desk.slug)
    return render(request, "desks/new.html", {"form": form}, status=422 if form.errors else 200)


@page("GET")
def people(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show members, roles and what each role may do, and to managers who is asked to join."""
    return _people_page(request, desk_with_slug(request, slug))


@page("POST")
def ask_to_join(request: SignedInRequest, slug: str) -> HttpResponse:
    """Ask somebody by their user name. The answer is the same whether or not there is such an account."""
    desk = desk_with_slug(request, slug)
    check_can(request.user, Action.RUN_DESK, desk.pk)
    form = InvitationForm(request.POST)
    if form.is_valid():
        try:
            invitation = invite(desk.pk, by=request.user, **form.cleaned_data)
        except Refused as refused:
            put_on_form(form, refused)
        else:
            messages.success(
                request,
                f"{invitation.username} is asked, if there is such an account. "
                "They answer on their own account page.",
            )
            return redirect("desk_people", slug)
    return _people_page(request, desk, ask_form=form)


@page("POST")
def take_back(request: SignedInRequest, slug: str, invitation_id: int) -> HttpResponse:
    """Withdraw an invitation that nobody accepted."""
    desk = desk_with_slug(request, slug)
    withdraw_invitation(desk.pk, invitation_id, by=request.user)
    messages.success(request, "The invitation is withdrawn.")
    return redirect("desk_people", slug)


@page("POST")
def make_account(request: SignedInRequest, slug: str) -> HttpResponse:
    """Make an account for a new member and show the link to its first password, once."""
    desk = desk_with_slug(request, slug)
    check_can(request.user, Action.RUN_DESK, desk.pk)
    form = AccountForm(request.POST)
    if form.is_valid():
        try:
            member = create_account(desk.pk, by=request.user, **form.cleaned_data)
        except Refused as refused:
            put_on_form(form, refused)
        else:
            return _people_page(
                request, desk, link=make_link(desk.pk, user_id=member.user_id, by=request.user)
            )
    return _people_page(request, desk, account_form=form)


@page("POST")
def set_role(request: SignedInRequest, slug: str, user_id: int) -> HttpResponse:
    """Give a member another role."""
    desk = desk_with_slug(request, slug)
    change_role(desk.pk, user_id=user_id, role=request.POST.get("role", ""), by=request.user)
    messages.success(request, "The role is changed. It counts from the person’s next click.")
    return redirect("desk_people", slug)


@page("POST")
def take_off(request: SignedInRequest, slug: str, user_id: int) -> HttpResponse:
    """Take a member off the desk."""
    desk = desk_with_slug(request, slug)
    remove_member(desk.pk, user_id=user_id, by=request.user)
    messages.success(request, "Taken off the desk. What they wrote stays, under their name.")
    return redirect("desk_people", slug)


@page("POST")
def new_link(request: SignedInRequest, slug: str, user_id: int) -> HttpResponse:
    """Show a new link with which a member whose account this desk made sets its first password."""
    desk = desk_with_slug(request, slug)
    return _people_page(request, desk, link=make_link(desk.pk, user_id=user_id, by=request.user))


@page("GET")
def scale(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the ratings with their definitions, and the states a claim goes through."""
    desk = desk_with_slug(request, slug)
    in_force, ratings = current_scale(desk.pk)
    states = [(state, STATE_MEANINGS[state]) for state in STATE_LABELS]
    context = {
        "desk": desk,
        "tabs": _tabs(request, desk, "scale"),
        "scale": in_force,
        "ratings": ratings,
        "states": states,
    }
    return render(request, "desks/scale.html", context)


@page("GET")
def log(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show a page of the desk's log, newest first; with `?person=` only what that person did."""
    desk = desk_with_slug(request, slug)
    after, actor = request.GET.get("after", ""), number_in(request.GET.get("person"))
    found = desk_log(desk.pk, after=after, actor_id=actor)
    kept: dict[str, str | int] = {"person": actor} if actor else {}
    context = {
        "desk": desk,
        "tabs": _tabs(request, desk, "log"),
        "page": found,
        "members": members_of(desk.pk),
        "person": actor,
        "newest": reverse("desk_log", args=[slug], query=kept) if after else "",
        "older": reverse("desk_log", args=[slug], query={**kept, "after": found.after})
        if found.after
        else "",
    }
    return render(request, "desks/log.html", context)


@page("GET", "POST")
def settings(request: SignedInRequest, slug: str) -> HttpResponse:
    """Rename the desk."""
    desk = desk_with_slug(request, slug)
    check_can(request.user, Action.RUN_DESK, desk.pk)
    form = DeskForm(request.POST or None, initial={"name": desk.name})
    status = 200
    if request.method == "POST" and form.is_valid():
        version = number_in(request.POST.get("version"))
        try:
            rename_desk(desk.pk, name=form.cleaned_data["name"], by=request.user, version=version)
        except Refused as refused:
            put_on_form(form, refused)
            status = 409 if isinstance(refused, StaleEdit) else 422
        else:
            messages.success(request, "The desk is renamed. Its addresses stay as they were.")
            return redirect("desk_settings", slug)
    context = {
        "desk": desk,
        "tabs": _tabs(request, desk, "settings"),
        "form": form,
        "shut_out": members_without_second_factor(desk.pk),
    }
    return render(request, "desks/settings.html", context, status=status)


class Welcome(PasswordResetConfirmView):
    """The page behind a welcome link, where a person sets the first password of their account, once."""

    template_name = "registration/welcome.html"
    success_url = reverse_lazy("queue")
    token_generator = TOKENS

    def get_user(self, uidb64: str) -> User | None:
        """Return the account, None for one that somebody has used or that is an administrator's."""
        found = super().get_user(uidb64)
        return found if isinstance(found, User) and is_unused(found) else None

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:  # type: ignore[type-arg]
        """Set the password and sign the person in."""
        token = self.request.session.pop(INTERNAL_RESET_SESSION_TOKEN)
        user = set_first_password(self.kwargs["uidb64"], token, password=form.cleaned_data["new_password1"])
        return let_in(self.request, user, HttpResponseRedirect(self.get_success_url()))


def _people_page(
    request: SignedInRequest,
    desk: Desk,
    *,
    ask_form: InvitationForm | None = None,
    account_form: AccountForm | None = None,
    link: Link | None = None,
) -> HttpResponse:
    may_run = can(request.user, Action.RUN_DESK, desk.pk)
    refused = bool((ask_form and ask_form.errors) or (account_form and account_form.errors))
    context = {
        "desk": desk,
        "tabs": _tabs(request, desk, "people"),
        "ask_form": ask_form or InvitationForm(),
        "account_form": account_form or AccountForm(),
        "invitations": invitations_of(desk.pk) if may_run else [],
        "members": [(member, may_run and _may_be_linked(member)) for member in members_of(desk.pk)],
        "own_work": OWN_WORK,
        "matrix": [(words, [allowed[role] for role in Role]) for _, words, allowed in matrix()],
        "roles": ROLES,
        "may_run": may_run,
        "shows_email": sends_mail(),
        "invited": link.user if link else None,
        "welcome_url": _address_of(request, link) if link else "",
    }
    response = render(request, "desks/people.html", context, status=422 if refused else 200)
    if link:
        response["Cache-Control"] = "no-store"
    return response


def _may_be_linked(member: Membership) -> bool:
    """Whether to offer a new link; whether one may be made is checked when it is asked for."""
    return member.user.made_by_desk_id == member.desk_id and is_unused(member.user)


def _address_of(request: SignedInRequest, link: Link) -> str:
    return request.build_absolute_uri(reverse("welcome", args=[link.uid, link.token]))


def _tabs(request: SignedInRequest, desk: Desk, current: str) -> list[Tab]:
    names = [("People and roles", "people"), ("Ratings and states", "scale"), ("Log", "log")]
    if can(request.user, Action.RUN_DESK, desk.pk):
        names.append(("Settings", "settings"))
    return [Tab(label, reverse(f"desk_{name}", args=[desk.slug]), name == current) for label, name in names]


urlpatterns: list[URLPattern] = [
    path("desk/", desk_home, name="desk"),
    path("desks/new/", new_desk, name="new_desk"),
    path("desks/<slug:slug>/", people, name="desk_people"),
    path("desks/<slug:slug>/members/<int:user_id>/role/", set_role, name="set_role"),
    path("desks/<slug:slug>/members/<int:user_id>/remove/", take_off, name="remove_member"),
    path("desks/<slug:slug>/members/<int:user_id>/link/", new_link, name="make_link"),
    path("desks/<slug:slug>/accounts/", make_account, name="make_account"),
    path("desks/<slug:slug>/invitations/", ask_to_join, name="ask_to_join"),
    path(
        "desks/<slug:slug>/invitations/<int:invitation_id>/withdraw/", take_back, name="withdraw_invitation"
    ),
    path("desks/<slug:slug>/ratings/", scale, name="desk_scale"),
    path("desks/<slug:slug>/log/", log, name="desk_log"),
    path("desks/<slug:slug>/settings/", settings, name="desk_settings"),
    path("welcome/<uidb64>/<token>/", Welcome.as_view(), name="welcome"),
]
