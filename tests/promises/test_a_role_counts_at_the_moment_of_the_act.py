"""Whoever loses a role while their request waits for a lock does nothing by it, on two real connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import models

from annotations.domain.errors import Missing
from annotations.models import Claim, Desk, Document, Invitation, Membership, Reference, User
from annotations.permissions import roles_of
from annotations.workflow.claims import edit, organise
from annotations.workflow.desks import accounts, invitations, manage
from annotations.workflow.documents import revise
from annotations.workflow.evidence.upload import upload_capture
from annotations.workflow.fetches import request
from tests.factories import TEXT, Team, make_claim, make_evidence
from tests.promises.test_two_at_once import on_a_connection_of_its_own, waiting_for_a_lock
from tests.waiting import until
from tests.workflow.test_waiting_for_another import in_anothers_hand

pytestmark = pytest.mark.django_db(transaction=True)

# What is locked, and what the person asks for meanwhile.
ACTS: dict[str, tuple[type[models.Model], Callable[[Team, Claim, User], Any]]] = {
    "asks somebody to join": (
        Desk,
        lambda team, claim, by: invitations.invite(team.desk.pk, username="mallory", role="manager", by=by),
    ),
    "makes an account": (
        Desk,
        lambda team, claim, by: accounts.create_account(
            team.desk.pk, username="mallory", role="manager", by=by
        ),
    ),
    "renames the desk": (
        Desk,
        lambda team, claim, by: manage.rename_desk(team.desk.pk, name="Taken over", by=by),
    ),
    "tags a claim": (
        Claim,
        lambda team, claim, by: organise.tag_claims([claim.pk], add=["mine"], by=by),
    ),
    "dismisses a claim": (
        Claim,
        lambda team, claim, by: edit.dismiss_claims([claim.pk], reason="no", by=by),
    ),
    "makes a claim": (
        Document,
        lambda team, claim, by: edit.create_claim_from_words(claim.document_id, words="SEBIN", by=by),
    ),
    "adds a version": (
        Document,
        lambda team, claim, by: revise.add_version(claim.document_id, text=f"{TEXT}!", by=by),
    ),
    "uploads a copy": (
        Reference,
        lambda team, claim, by: upload_capture(
            claim.evidence.get().reference_id, filename="a.txt", content=b"Fifty.", by=by
        ),
    ),
    "fetches again": (
        Reference,
        lambda team, claim, by: request.retry_fetch(claim.evidence.get().reference_id, by=by),
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_whoever_is_taken_off_the_desk_while_they_wait_does_nothing(team: Team, name: str) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    locked, act = ACTS[name]
    # As a page does that asked before what the person may do.
    assert team.desk.pk in roles_of(team.manager)
    before = everything(team)

    with ThreadPoolExecutor(1) as pool:
        with in_anothers_hand(locked._default_manager.all()):
            asking = on_a_connection_of_its_own(pool, lambda: act(team, claim, team.manager))
            until(waiting_for_a_lock)
            Membership.objects.filter(user=team.manager, desk=team.desk).delete()
        with pytest.raises(Missing):
            asking.result()

    assert everything(team) == before


def everything(team: Team) -> list[Any]:
    return [
        Desk.objects.get(pk=team.desk.pk).name,
        User.objects.filter(username="mallory").exists(),
        Invitation.objects.count(),
        list(Claim.objects.order_by("pk").values_list("pk", "state", "tags")),
        list(Document.objects.values_list("current_version_id", flat=True)),
        list(Reference.objects.values_list("latest_capture_id", "fetch_state")),
    ]
