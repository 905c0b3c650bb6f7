"""The pages of a desk: its people and roles, its rating scale, its log."""

from django.contrib import messages
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from annotations.domain.claims.states import STATE_LABELS, STATE_MEANINGS
from annotations.domain.desks.roles import Action, Role, matrix
from annotations.domain.errors import NotAllowed, Refused, StaleEdit
from annotations.domain.numbers import number_in
from annotations.models import Desk, User
from annotations.permissions import can, check_can
from annotations.queries.desks.pages import current_scale, desk_log, member_of, members_of
from annotations.web.context import DESK_SESSION_KEY, desk_in_hand, desk_with_slug
from annotations.web.decorators import page
from annotations.web.forms.desks import ROLES, DeskForm, MemberForm
from annotations.web.refusals import put_on_form
from annotations.web.requests import SignedInRequest
from annotations.web.tabs import Tab
from annotations.workflow.desks.manage import add_member, change_role, create_desk, remove_member, rename_desk


@page("GET")
def desk_home(request: SignedInRequest) -> HttpResponse:
    """Go to the page of the desk that the person works on."""
    return redirect("desk_people", desk_in_hand(request).slug)


@page("GET", "POST")
def new_desk(request: SignedInRequest) -> HttpResponse:
    """Make a desk; only an administrator of this copy may."""
    if not request.user.is_superuser:
        raise NotAllowed("Only an administrator of this copy makes new desks.")
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


@page("GET", "POST")
def people(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show members, roles and what each role may do; POST adds a member."""
    desk = desk_with_slug(request, slug)
    form = MemberForm(request.POST or None)
    if request.method == "POST":
        check_can(request.user, Action.RUN_DESK, desk.pk)
        if form.is_valid():
            try:
                invitation = add_member(desk.pk, by=request.user, **form.cleaned_data)
            except Refused as refused:
                put_on_form(form, refused)
            else:
                if invitation.is_new:
                    return _people_page(request, desk, MemberForm(), invited=invitation.user)
                messages.success(request, f"{invitation.user.display_name} is on the desk.")
                return redirect("desk_people", slug)
    return _people_page(request, desk, form)


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
def invite_again(request: SignedInRequest, slug: str, user_id: int) -> HttpResponse:
    """Show a new link with which a member who never had a password sets one."""
    desk = desk_with_slug(request, slug)
    check_can(request.user, Action.RUN_DESK, desk.pk)
    member = member_of(desk.pk, user_id)
    if member.user.has_usable_password():
        raise NotAllowed("This person has a password already; only they can change it.")
    return _people_page(request, desk, MemberForm(), invited=member.user)


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
    context = {"desk": desk, "tabs": _tabs(request, desk, "settings"), "form": form}
    return render(request, "desks/settings.html", context, status=status)


class Welcome(PasswordResetConfirmView):
    """The page behind the link of an invitation, where a person sets their password, once."""

    template_name = "registration/welcome.html"
    success_url = reverse_lazy("queue")
    post_reset_login = True
    post_reset_login_backend = "django.contrib.auth.backends.ModelBackend"


def _people_page(
    request: SignedInRequest, desk: Desk, form: MemberForm, *, invited: User | None = None
) -> HttpResponse:
    context = {
        "desk": desk,
        "tabs": _tabs(request, desk, "people"),
        "form": form,
        "members": members_of(desk.pk),
        "matrix": [(words, [allowed[role] for role in Role]) for _, words, allowed in matrix()],
        "roles": ROLES,
        "may_run": can(request.user, Action.RUN_DESK, desk.pk),
        "invited": invited,
        "welcome_url": request.build_absolute_uri(_welcome_path(invited)) if invited else "",
    }
    response = render(request, "desks/people.html", context, status=422 if form.errors else 200)
    if invited:
        response["Cache-Control"] = "no-store"
    return response


def _welcome_path(user: User) -> str:
    token = default_token_generator.make_token(user)
    return reverse("welcome", args=[urlsafe_base64_encode(force_bytes(user.pk)), token])


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
    path("desks/<slug:slug>/members/<int:user_id>/invite/", invite_again, name="invite_member"),
    path("desks/<slug:slug>/ratings/", scale, name="desk_scale"),
    path("desks/<slug:slug>/log/", log, name="desk_log"),
    path("desks/<slug:slug>/settings/", settings, name="desk_settings"),
    path("welcome/<uidb64>/<token>/", Welcome.as_view(), name="welcome"),
]
