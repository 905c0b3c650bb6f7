"""The admin site looks and changes nothing, whoever opens it."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from annotations.models import Claim
from tests.factories import Team, make_claim_in_review, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> Client:
    person = make_user("root", is_superuser=True)
    person.is_staff = True
    person.save(update_fields=["is_staff"])
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_an_administrator_can_look_at_every_list(administrator: Client, team: Team) -> None:
    make_claim_in_review(team)

    ours = [model for model in admin.site._registry if model._meta.app_label == "annotations"]
    assert Claim in ours
    for model in ours:
        address = reverse(f"admin:annotations_{model._meta.model_name}_changelist")
        assert administrator.get(address).status_code == 200, address


def test_an_administrator_cannot_verify_a_claim_through_the_admin(administrator: Client, team: Team) -> None:
    claim = make_claim_in_review(team)
    address = reverse("admin:annotations_claim_change", args=[claim.pk])

    assert administrator.get(address).status_code == 200
    assert administrator.post(address, {"state": "verified"}).status_code == 403

    assert Claim.objects.get(pk=claim.pk).state == "in_review"


def test_the_admin_neither_adds_nor_deletes(administrator: Client, team: Team) -> None:
    claim = make_claim_in_review(team)

    assert administrator.post(reverse("admin:annotations_claim_add"), {}).status_code == 403
    delete = reverse("admin:annotations_claim_delete", args=[claim.pk])
    assert administrator.post(delete, {"post": "yes"}).status_code == 403

    assert Claim.objects.filter(pk=claim.pk).exists()


def test_a_manager_of_a_desk_has_no_admin_site(client: Client, team: Team) -> None:
    client.force_login(team.manager, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(reverse("admin:index")).status_code == 302
