"""Rows written by COPY hold what was given, whatever marks stand in it."""

import json

import pytest
from django.db import transaction
from psycopg import DataError

from annotations.domain.activity import Verb
from annotations.models import Activity, Claim
from annotations.workflow.bulk_insert import copy_rows, next_ids
from tests.factories import make_team

ODD = ['say "no"', "back\\slash", "{,}", "tab\tand\nline", "", "NULL", "é’”", '\\"', "\\N"]


@pytest.mark.django_db
def test_a_copied_row_is_the_saved_row() -> None:
    desk = make_team().desk
    shared = {"desk": desk, "verb": Verb.EDITED, "object_id": 1, "from_state": ODD[3]}
    saved = Activity.objects.create(**shared, object_type=ODD[1], to_state=ODD[0], details={"odd": ODD})
    copy_rows(
        Activity(**shared),
        ("object_type", "to_state", "details"),
        [(ODD[1], ODD[0], json.dumps({"odd": ODD}))],
    )
    copied = Activity.objects.latest("id")
    for field in Activity._meta.concrete_fields:
        if field.name not in ("id", "at"):
            assert getattr(copied, field.attname) == getattr(saved, field.attname), field.name


@pytest.mark.django_db
def test_no_rows_are_nothing_to_copy() -> None:
    copy_rows(Activity(desk=make_team().desk, object_id=1), ("object_type",), [])
    assert not Activity.objects.filter(object_id=1).exists()


@pytest.mark.django_db
def test_signs_of_every_kind_arrive_as_they_are() -> None:
    desk = make_team().desk
    signs = "".join(map(chr, (*range(1, 300), 0x2028, 0x1F600)))
    copy_rows(
        Activity(desk=desk, verb=Verb.EDITED, object_id=1),
        ("object_type", "details"),
        [("odd", json.dumps(signs))],
    )
    assert Activity.objects.get(object_type="odd").details == signs


@pytest.mark.django_db
def test_a_row_that_cannot_be_written_leaves_none() -> None:
    desk = make_team().desk
    before = Activity.objects.count()
    rows = [("one",), ("a\x00b",)]
    with pytest.raises(DataError), transaction.atomic():
        copy_rows(Activity(desk=desk, verb=Verb.EDITED, object_id=1), ("object_type",), rows)
    assert Activity.objects.count() == before


@pytest.mark.django_db
def test_keys_are_taken_once() -> None:
    first, second = next_ids(Claim, 3), next_ids(Claim, 2)
    assert len({*first, *second}) == 5
