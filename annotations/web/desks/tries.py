"""How often somebody may be wrong about a secret of an account, counted for all places that ask for one."""

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest

from annotations.domain.errors import NotAllowed
from annotations.models import User


class TooManyTries(NotAllowed):
    """There were too many wrong passwords or codes for this account or from this address."""

    code = "too_many_tries"


def check_tries(request: HttpRequest, user: User) -> None:
    """Raise TooManyTries where no password or code of this account is looked at any more for now.

    The answer is then the page that says so, whatever the view returns.
    """
    # What the attempts are counted by, as the name in the form of the sign-in is.
    request.second_step_name = user.username  # type: ignore[attr-defined]
    if not AxesProxyHandler.is_allowed(request, {"username": user.username}):
        request.axes_locked_out = True  # type: ignore[attr-defined]
        raise TooManyTries("Too many wrong answers.")


def count_wrong(request: HttpRequest, user: User) -> None:
    """Count one wrong password or code, as a wrong password at the sign-in counts."""
    request.second_step_name = user.username  # type: ignore[attr-defined]
    user_login_failed.send(sender=__name__, credentials={"username": user.username}, request=request)
