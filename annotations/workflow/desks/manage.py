"""Run a desk: its name, its rating scale, its people and their roles."""

from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify

from annotations.domain.activity import Verb
from annotations.domain.desks.roles import Role
from annotations.domain.errors import Invalid, Missing, NotAllowed, StaleEdit
from annotations.domain.verdicts.scale import DEFAULT_SCALE, DEFAULT_SCALE_NAME
from annotations.models import Claim, Desk, Membership, Rating, RatingScale, User
from annotations.permissions import forget_roles
from annotations.workflow.activity import claim_activity, record, record_all
from annotations.workflow.desks.rows import (
    AlreadyThere,
    DeskRefused,
    lock_desk,
    log_member,
    role_named,
    save_desk,
)
from annotations.workflow.idempotency import forget_answers
from annotations.workflow.once import refused_where_taken


class StaleDesk(StaleEdit):
    """Someone else changed the desk or its people since it was read."""

    code = "stale_desk"


class LastManager(Invalid):
    """A desk keeps at least one manager."""

    code = "last_manager"


@transaction.atomic(durable=True)
def create_desk(*, name: str, by: User, slug: str = "", is_demonstration: bool = False) -> Desk:
    """Make a desk with the standard rating scale; whoever makes it becomes its manager.

    Only a superuser may. Raises NotAllowed, DeskRefused or AlreadyThere.
    """
    return add_desk(name=name, by=by, slug=slug, is_demonstration=is_demonstration)


def add_desk(*, name: str, by: User, slug: str = "", is_demonstration: bool = False) -> Desk:
    """Make a desk in the running transaction; see `create_desk`."""
    if not by.is_superuser:
        raise NotAllowed("Only an administrator of this workbench makes new desks.")
    title = " ".join(name.split())
    short = slug or slugify(title)
    if not title or len(title) > 120 or not short:
        raise DeskRefused(
            "Give the desk a name of at most 120 characters.", fields={"name": "1 to 120 characters."}
        )
    taken = AlreadyThere(
        f"There is a desk “{short}” already. Choose another name.", fields={"name": "Taken."}
    )
    if Desk.objects.filter(slug=short).exists():
        raise taken
    with refused_where_taken("desk_slug_unique", taken):
        desk = Desk.objects.create(name=title, slug=short, is_demonstration=is_demonstration)
    scale = RatingScale.objects.create(desk=desk, name=DEFAULT_SCALE_NAME)
    Rating.objects.bulk_create(
        Rating(
            scale=scale,
            position=position,
            slug=rating.slug,
            label=rating.label,
            definition=rating.definition,
            value=rating.value,
            tone=rating.tone,
            needs_evidence=rating.needs_evidence,
        )
        for position, rating in enumerate(DEFAULT_SCALE, start=1)
    )
    Membership.objects.create(desk=desk, user=by, role=Role.MANAGER)
    forget_roles(by)
    record(
        Verb.CREATED, desk_id=desk.pk, by=by, object_type="desk", object_id=desk.pk, details={"name": title}
    )
    return desk


@transaction.atomic(durable=True)
def rename_desk(desk_id: int, *, name: str, by: User, version: int | None = None) -> Desk:
    """Change the name people read; the slug in addresses stays.

    `version` is the desk's row version the person saw, None to rename it whatever it was. Raises Missing,
    NotAllowed, DeskRefused or StaleDesk.
    """
    desk = lock_desk(desk_id, by)
    _check_unchanged(desk, version, {"name": desk.name})
    title = " ".join(name.split())
    if not title or len(title) > 120:
        raise DeskRefused(
            "Give the desk a name of at most 120 characters.", fields={"name": "1 to 120 characters."}
        )
    before, desk.name = desk.name, title
    save_desk(desk)
    record(
        Verb.RENAMED,
        desk_id=desk.pk,
        by=by,
        object_type="desk",
        object_id=desk.pk,
        details={"from": before, "to": title},
    )
    return desk


@transaction.atomic(durable=True)
def change_role(desk_id: int, *, user_id: int, role: str, by: User, version: int | None = None) -> None:
    """Give a member another role.

    `version` is the desk's row version the person saw, None to change whatever the role was. Raises Missing,
    NotAllowed, DeskRefused, LastManager or StaleDesk.
    """
    desk = lock_desk(desk_id, by)
    member = _member(desk, user_id)
    _check_unchanged(desk, version, {"role": member.role})
    wanted = role_named(role)
    if member.role == wanted:
        return
    _keep_a_manager(desk, member)
    before, member.role = member.role, wanted
    member.save(update_fields=["role"])
    save_desk(desk)
    log_member(Verb.CHANGED_ROLE, desk, member.user, by, {"from": before, "to": wanted.value})


@transaction.atomic(durable=True)
def remove_member(desk_id: int, *, user_id: int, by: User) -> None:
    """Remove a person from the desk; what they wrote stays.

    Claims of this desk that were assigned to them are assigned to nobody, with a line of the log for each,
    and their leases end. Answers of the API that were kept to be repeated to them (idempotency keys) are
    deleted.
    Raises Missing, NotAllowed or LastManager.
    """
    desk = lock_desk(desk_id, by)
    member = _member(desk, user_id)
    _keep_a_manager(desk, member)
    member.delete()
    _free_claims(desk, member.user, by)
    forget_answers([member.user_id])
    save_desk(desk)
    log_member(Verb.REMOVED_MEMBER, desk, member.user, by, {"role": member.role})


def _free_claims(desk: Desk, leaving: User, by: User) -> None:
    held = Claim.objects.of_desk(desk.pk).filter(Q(assignee=leaving) | Q(lease_holder=leaving))
    claims = list(held.select_for_update(no_key=True).order_by("pk"))
    assigned = [claim for claim in claims if claim.assignee_id == leaving.pk]
    for claim in claims:
        if claim.assignee_id == leaving.pk:
            claim.assignee = None
        if claim.lease_holder_id == leaving.pk:
            claim.lease_holder = claim.lease_until = None
        claim.version += 1
    fields = ["assignee", "lease_holder", "lease_until", "version"]
    Claim.objects.bulk_update(claims, fields, batch_size=500)
    details: dict[str, object] = {"to": None, "person": "nobody in particular"}
    record_all(claim_activity(Verb.ASSIGNED, claim, by, details=details) for claim in assigned)


def _check_unchanged(desk: Desk, version: int | None, current: dict[str, object]) -> None:
    if version is not None and version != desk.version:
        raise StaleDesk(
            "Someone changed this desk or its people since you read them. Look again before you change it.",
            current={**current, "version": desk.version},
        )


def _member(desk: Desk, user_id: int) -> Membership:
    member = Membership.objects.select_related("user").filter(desk=desk, user_id=user_id).first()
    if member is None:
        raise Missing("This person is not on the desk any more.")
    return member


def _keep_a_manager(desk: Desk, leaving: Membership) -> None:
    others = Membership.objects.filter(desk=desk, role=Role.MANAGER).exclude(pk=leaving.pk)
    if leaving.role == Role.MANAGER and not others.exists():
        raise LastManager("A desk keeps at least one manager. Make someone else manager first.")
