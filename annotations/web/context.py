"""What every page shows whatever its view: the person, their desk, the navigation and the theme."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse

from annotations.domain.desks.roles import Role
from annotations.domain.errors import Missing, NotAllowed
from annotations.models.desk import Desk, Membership
from annotations.models.user import User
from annotations.queries.desks.account import desks_that_wait, memberships_for
from annotations.visibility import not_here

THEMES = ("system", "light", "dark")
THEME_COOKIE = "theme"
DESK_SESSION_KEY = "desk"
_NAV = (
    ("Queue", "queue", ("/", "/next/")),
    ("Documents", "documents", ("/documents/",)),
    ("Claims", "claims", ("/claims/",)),
    ("Sources", "references", ("/sources/",)),
    ("Reports", "reports", ("/reports/",)),
    ("Desk", "desk", ("/desk/", "/desks/")),
)


@dataclass(frozen=True)
class NavItem:
    """One entry of the main navigation; `current` is "page", "true" (inside that part) or empty."""

    label: str
    url: str
    current: str


class SecondFactorNeeded(NotAllowed):
    """The desk is shown only to members with two-factor sign-in."""

    code = "second_factor_needed"


class NoDesk(Missing):
    """The person is a member of no desk, so there is nothing to show."""

    code = "no_desk"


def memberships_of(request: HttpRequest) -> list[Membership]:
    """Return the person's memberships with their desks, by desk name: one query a request.

    A request that was refused before its user was known has none.
    """
    kept: list[Membership] | None = getattr(request, "_memberships", None)
    if kept is None:
        kept = []
        user = getattr(request, "user", None)
        if isinstance(user, User):
            kept = memberships_for(user)
        request._memberships = kept  # type: ignore[attr-defined]
    return kept


def membership_in_hand(request: HttpRequest) -> Membership | None:
    """Return the membership of the desk the person works on now, None for someone on no desk.

    That is the desk named by `?desk=` if the person is on it, else the one chosen last, else the first by
    name.
    """
    memberships = memberships_of(request)
    if not memberships:
        return None
    wanted = request.GET.get("desk", "")
    for membership in memberships:
        if wanted and membership.desk.slug == wanted:
            return membership
    chosen = request.session.get(DESK_SESSION_KEY)
    for membership in memberships:
        if membership.desk_id == chosen:
            return membership
    return memberships[0]


def desk_in_hand(request: HttpRequest) -> Desk:
    """Return the desk the person works on now. Raises NoDesk for someone on no desk."""
    membership = membership_in_hand(request)
    if membership is None:
        _ask_for_second_factor(request)
        raise NoDesk(
            "You are not a member of any desk yet. Tell a desk's manager your user name; their invitation "
            "appears on your account page."
        )
    return membership.desk


def desk_with_slug(request: HttpRequest, slug: str | None) -> Desk:
    """Return the person's desk with this slug; raises Missing for every other."""
    for membership in memberships_of(request):
        if membership.desk.slug == slug:
            return membership.desk
    _ask_for_second_factor(request, slug)
    raise not_here(Desk)


def _ask_for_second_factor(request: HttpRequest, slug: str | None = None) -> None:
    """Raise SecondFactorNeeded if a desk of the person, the one with this slug if any, waits for it."""
    user = getattr(request, "user", None)
    waiting = desks_that_wait(user) if isinstance(user, User) else []
    if any(slug in (None, desk.slug) for desk in waiting):
        raise SecondFactorNeeded(
            "This desk is shown only to members with two-factor sign-in. Set it up on your account page; it "
            "takes a minute, and an authenticator app or a security key."
        )


class Shell:
    """The frame around a page. Each part is read on first use, so an error page costs no query."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def theme(self) -> str:
        """The chosen theme, "system" where none was chosen."""
        kept = self._request.COOKIES.get(THEME_COOKIE, "")
        return kept if kept in THEMES else "system"

    @cached_property
    def _user(self) -> Any:
        # A request refused before the authentication middleware has no user, and before that no session.
        if not hasattr(self._request, "session"):
            return AnonymousUser()
        return getattr(self._request, "user", None) or get_user(self._request)

    @property
    def signed_in(self) -> bool:
        """Whether to show the navigation."""
        return bool(self._user.is_authenticated)

    @property
    def user_name(self) -> str:
        """The name on the account menu."""
        return self._user.display_name if isinstance(self._user, User) else ""

    @property
    def desks(self) -> list[Desk]:
        """The desks that the person can switch to, by name."""
        return [membership.desk for membership in memberships_of(self._request)]

    @property
    def desk(self) -> Desk | None:
        """The desk in hand."""
        membership = membership_in_hand(self._request)
        return membership.desk if membership else None

    @property
    def role(self) -> str:
        """The person's role on the desk in hand, as people read it."""
        membership = membership_in_hand(self._request)
        return Role(membership.role).label if membership else ""

    @property
    def nav(self) -> list[NavItem]:
        """The main navigation, with the current part marked."""
        here = self._request.path
        items = []
        for label, name, parts in _NAV:
            url = reverse(name)
            inside = any(here == part or (part != "/" and here.startswith(part)) for part in parts)
            items.append(NavItem(label, url, "page" if here == url else "true" if inside else ""))
        return items

    @property
    def csrf_token(self) -> str:
        """The token for the forms of the frame."""
        return get_token(self._request)


def shell(request: HttpRequest) -> dict[str, object]:
    """Give every template the frame of the page."""
    return {"shell": Shell(request)}
