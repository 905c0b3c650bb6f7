"""Lock a claim and check the right to change it; private to this package.

The lock comes first. Every check looks at the locked row, so nothing can change in between.
"""

from collections.abc import Collection

from django.db import connection, models

from annotations.domain.claims.states import WORKABLE, ClaimState
from annotations.domain.desks.roles import Action
from annotations.domain.errors import LeaseLost, Missing, StaleEdit, WrongState
from annotations.models import Claim, User
from annotations.permissions import check_can_now
from annotations.visibility import not_here, visible_to


class ClaimLocked(WrongState):
    """The claim is in review, verified, dismissed or not accepted yet, so its work cannot be changed."""

    code = "claim_locked"


class StaleClaim(StaleEdit):
    """Someone else edited the claim since it was read."""

    code = "stale_claim"


def lock_claim(
    claim_id: int,
    *,
    by: User,
    action: Action,
    lease_token: int | None = None,
    model: type[models.Model] = Claim,
) -> Claim:
    """Lock one claim and return it, its people not joined.

    `model` is the kind of row that was asked for, where it is one that hangs on the claim. Raises Missing,
    NotAllowed, or LeaseLost where `lease_token` is no longer the claim's.
    """
    claim = Claim.objects.select_for_update(no_key=True).filter(pk=claim_id).first()
    if claim is None:
        raise not_here(model)
    check_can_now(by, action, claim.desk_id, model=model)
    if lease_token is not None and (claim.lease_token != lease_token or claim.lease_holder_id != by.pk):
        raise LeaseLost(
            "This claim is no longer in your hands: it was released or handed out again. What you typed is "
            "kept below. Compare it with the claim as it is now, and take the claim again to save it."
        )
    return claim


def lock_claims(claim_ids: Collection[int], *, by: User, action: Action) -> list[Claim]:
    """Lock claims in the order of their ids, so that two bulk actions never wait on each other.

    Raises Missing where a claim does not exist or is not on the person's desks, NotAllowed where the role
    is too weak.
    """
    wanted = sorted(set(claim_ids))
    rows = Claim.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    claims = list(visible_to(rows, by))
    if len(claims) != len(wanted):
        raise Missing(
            "One of these claims is not there any more, or belongs to a desk you are not a member of."
        )
    for desk_id in {claim.desk_id for claim in claims}:
        check_can_now(by, action, desk_id, model=Claim)
    return claims


def hold_article(claim: Claim) -> None:
    """Wait for a version of the claim's article that is being added, and let none come before the commit.

    Whoever looks at the place of a claim calls it first, with the claim locked. Whoever adds a version
    locks the article and never a claim, so the two do not wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM annotations_document WHERE id = %s FOR KEY SHARE", [claim.document_id])


def check_workable(claim: Claim) -> None:
    """Raise ClaimLocked unless sources and verdict of this claim may be changed now."""
    state = ClaimState(claim.state)
    if state in WORKABLE:
        return
    advice = {
        ClaimState.PROPOSED: "Accept it first.",
        ClaimState.IN_REVIEW: "Take it back from review first, or wait for the decision.",
        ClaimState.VERIFIED: "Reopen it with a reason first.",
        ClaimState.DISMISSED: "Restore it first.",
    }[state]
    raise ClaimLocked(f"This claim is “{state.label}”, so its sources and verdict are locked. {advice}")
