"""An invitation to a desk: a name somebody typed, which its person may answer."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone

from annotations.domain.desks.invitations import LASTS, OPEN_TO_THE_DESK, InvitationState
from annotations.domain.desks.roles import Role
from annotations.models.constraints import choices_of, one_of
from annotations.models.desk import Desk, Membership

if TYPE_CHECKING:
    from annotations.models.user import User


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Narrowings of invitations."""

    def unended(self) -> "InvitationQuerySet":
        """Keep those that are not too old to be answered."""
        return self.filter(created_at__gt=timezone.now() - LASTS)

    def answerable_by(self, user: "User") -> "InvitationQuerySet":
        """Keep those that `user` may accept or decline.

        An account made after somebody asked for its name was not meant. An invitation counts as long as
        whoever sent it runs the desk.
        """
        sender_runs_it = Membership.objects.filter(
            desk=OuterRef("desk"), user=OuterRef("invited_by"), role=Role.MANAGER
        )
        return self.unended().filter(
            Exists(sender_runs_it),
            username__iexact=user.username,
            state=InvitationState.ASKED,
            created_at__gte=user.date_joined,
        )


class Invitation(models.Model):
    """Somebody was asked to join a desk, by the user name that was typed.

    No column says whether there is such an account, so nothing that shows the row can tell.
    """

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="invitations")
    username = models.CharField(max_length=150)
    role = models.CharField(max_length=16, choices=choices_of(Role))
    state = models.CharField(
        max_length=16, choices=choices_of(InvitationState), default=InvitationState.ASKED.value
    )
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # From the clock that `User.date_joined` is taken from, because the two are compared.
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "desk",
                Lower("username"),
                name="invitation_open_once",
                condition=Q(state__in=[state.value for state in OPEN_TO_THE_DESK]),
            ),
            one_of("invitation_role_known", "role", Role),
            one_of("invitation_state_known", "state", InvitationState),
        )
        indexes = (models.Index(Lower("username"), name="invitation_by_name"),)

    def __str__(self) -> str:
        return f"{self.username} to {self.desk}: {self.state}"
