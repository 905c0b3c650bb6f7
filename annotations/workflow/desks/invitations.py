"""Ask people to join a desk, by user name; they answer for themselves."""

from django.db import transaction
from django.db.models.functions import Now

from annotations.domain.activity import Verb
from annotations.domain.desks.invitations import OPEN_TO_THE_DESK, InvitationState
from annotations.domain.errors import Duplicate
from annotations.models import Desk, Invitation, Membership, User
from annotations.permissions import forget_roles
from annotations.visibility import not_here
from annotations.workflow.activity import record
from annotations.workflow.desks.rows import (
    AlreadyThere,
    lock_desk,
    log_member,
    role_named,
    save_desk,
    username_typed,
)


class AskedAlready(Duplicate):
    """An invitation to this user name waits on this desk already."""

    code = "asked_already"


@transaction.atomic(durable=True)
def invite(desk_id: int, *, username: str, role: str, by: User) -> Invitation:
    """Ask whoever has this user name to join the desk.

    The invitation is the same whether or not there is such an account: only accounts of the desk are looked
    up. An earlier invitation of this name that has ended is marked as withdrawn, without a line in the log.
    Raises Missing, NotAllowed, DeskRefused, AlreadyThere for a member of the desk, or AskedAlready.
    """
    desk = lock_desk(desk_id, by)
    wanted, name = role_named(role), username_typed(username)
    if Membership.objects.filter(desk=desk, user__username__iexact=name).exists():
        raise AlreadyThere(f"{name} is on this desk already.", fields={"username": "Already a member."})
    waiting = Invitation.objects.filter(desk=desk, username__iexact=name, state__in=OPEN_TO_THE_DESK)
    if waiting.unended().exists():
        raise AskedAlready(
            f"{name} has been asked already. Withdraw that invitation to ask anew.",
            fields={"username": "Asked already."},
        )
    waiting.update(state=InvitationState.WITHDRAWN, decided_at=Now())
    invitation = Invitation.objects.create(desk=desk, username=name, role=wanted, invited_by=by)
    _log(Verb.INVITED, invitation, by)
    return invitation


@transaction.atomic(durable=True)
def withdraw_invitation(desk_id: int, invitation_id: int, *, by: User) -> None:
    """Take an invitation back that nobody accepted. Raises Missing or NotAllowed."""
    desk = lock_desk(desk_id, by)
    open_ones = Invitation.objects.select_for_update().filter(desk=desk, state__in=OPEN_TO_THE_DESK)
    invitation = open_ones.filter(pk=invitation_id).first()
    if invitation is None:
        raise not_here(Invitation)
    _decide(invitation, InvitationState.WITHDRAWN)
    _log(Verb.WITHDREW_INVITATION, invitation, by)


@transaction.atomic(durable=True)
def accept_invitation(invitation_id: int, *, by: User) -> Desk:
    """Join the desk in the role that was offered; whoever is a member already keeps their role.

    Raises Missing for an invitation that is not one's own, or that is no longer open.
    """
    # The desk is locked before the invitation, as in `withdraw_invitation`: else the two could deadlock.
    desk = Desk.objects.select_for_update(no_key=True).filter(invitations__pk=invitation_id).first()
    invitation = _own(invitation_id, by)
    if desk is None or invitation is None:
        raise not_here(Invitation)
    _decide(invitation, InvitationState.ACCEPTED)
    joined, is_new = Membership.objects.get_or_create(desk=desk, user=by, defaults={"role": invitation.role})
    if is_new:
        save_desk(desk)
        log_member(Verb.JOINED, desk, by, by, {"role": joined.role})
        forget_roles(by)
    return desk


@transaction.atomic(durable=True)
def decline_invitation(invitation_id: int, *, by: User) -> None:
    """Say no. The desk is not told, because that would say that there is such an account. Raises Missing."""
    invitation = _own(invitation_id, by)
    if invitation is None:
        raise not_here(Invitation)
    _decide(invitation, InvitationState.DECLINED)


def _own(invitation_id: int, user: User) -> Invitation | None:
    own = Invitation.objects.select_for_update(of=("self",)).answerable_by(user)
    return own.filter(pk=invitation_id).first()


def _decide(invitation: Invitation, state: InvitationState) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(state=state, decided_at=Now())


def _log(verb: Verb, invitation: Invitation, by: User) -> None:
    record(
        verb,
        desk_id=invitation.desk_id,
        by=by,
        object_type="invitation",
        object_id=invitation.pk,
        details={"person": invitation.username, "role": invitation.role},
    )
