"""Who is asked to a desk, and whose account somebody else made."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from annotations.domain.desks.invitations import OPEN_TO_THE_DESK
from annotations.models import Invitation, User


@dataclass(frozen=True)
class MadeAccount:
    """An account that somebody made; `is_direct` is False if accounts they made stand in between."""

    account: User
    maker: User
    is_direct: bool


def invitations_of(desk_id: int) -> list[Invitation]:
    """Return the invitations that wait on a desk, newest first: one query; the caller checks who reads.

    Those that were declined are among them, because nothing may say that there is such an account.
    """
    waiting = Invitation.objects.unended().filter(desk_id=desk_id, state__in=OPEN_TO_THE_DESK)
    return list(waiting.select_related("invited_by").order_by("-id"))


def invitations_to(user: User) -> list[Invitation]:
    """Return the invitations that the person may answer, newest first, with their desks: one query."""
    return list(Invitation.objects.answerable_by(user).select_related("desk", "invited_by").order_by("-id"))


def without_confirmed_email(user_ids: Iterable[int]) -> list[User]:
    """Return those of these people who have not confirmed an e-mail address, by user name: one query.

    Nobody, without a query, where this copy sends no mail.
    """
    if not settings.EMAIL_HOST:
        return []
    return list(
        User.objects.filter(pk__in=set(user_ids), email_confirmed_at__isnull=True).order_by("username")
    )


_MAKERS = """
WITH RECURSIVE line(account, maker, is_direct) AS (
    SELECT u.id, u.made_by_id, true FROM annotations_user u
        WHERE u.id = ANY(%(people)s) AND u.made_by_id IS NOT NULL
    UNION
    SELECT line.account, u.made_by_id, false FROM line
        JOIN annotations_user u ON u.id = line.maker WHERE u.made_by_id IS NOT NULL
)
SELECT account, maker, bool_or(is_direct) FROM line
    WHERE maker = ANY(%(people)s) AND maker <> account GROUP BY account, maker ORDER BY account, maker
"""


def accounts_made_by(user_ids: Iterable[int]) -> list[MadeAccount]:
    """Return the accounts among these people that another of them made, in person or by accounts they made.

    Two queries for any number of people, one where nobody made anybody.
    """
    people = sorted(set(user_ids))
    with connection.cursor() as cursor:
        cursor.execute(_MAKERS, {"people": people})
        pairs = cursor.fetchall()
    if not pairs:
        return []
    users = User.objects.in_bulk({person for account, maker, _ in pairs for person in (account, maker)})
    return [MadeAccount(users[account], users[maker], is_direct) for account, maker, is_direct in pairs]
