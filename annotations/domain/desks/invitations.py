"""The states of an invitation, and how long one stands."""

from datetime import timedelta
from enum import StrEnum

LASTS = timedelta(days=30)
"""After this an invitation that nobody accepted has ended."""


class InvitationState(StrEnum):
    """What became of an invitation.

    A declined one looks to the desk like one that waits: only who accepts tells the desk that they exist.
    """

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


OPEN_TO_THE_DESK = (InvitationState.ASKED, InvitationState.DECLINED)
"""The states that a desk sees as waiting."""
