"""A list of captures carries neither the text of a page nor anything else that may be large."""

import pytest
from django.db import models

from annotations.models import Capture, Reference
from annotations.models.capture import large_columns
from tests.factories import Team, make_capture, make_reference

# Unlimited in width, but short: an address, a headline, a few codes.
SHORT = {"final_url", "title", "warnings"}


def deferred(capture: Capture | None) -> set[str]:
    assert capture is not None
    return capture.get_deferred_fields()


def test_every_column_without_a_limit_is_left_out_or_known_to_be_short() -> None:
    wide = {
        field.name
        for field in Capture._meta.concrete_fields
        if isinstance(field, models.TextField | models.JSONField)
    }
    assert set(large_columns()) == wide - SHORT


@pytest.mark.django_db
def test_a_list_loads_no_text_and_all_that_it_shows(team: Team) -> None:
    make_capture(make_reference(team))
    assert deferred(Capture.objects.without_text().get()) == set(large_columns())


@pytest.mark.django_db
def test_a_capture_that_is_joined_loads_only_what_is_asked_for(team: Team) -> None:
    reference = make_reference(team)
    Reference.objects.filter(pk=reference.pk).update(latest_capture=make_capture(reference))
    joined = Reference.objects.select_related("latest_capture")
    lean = joined.defer(*large_columns("latest_capture", but=["provenance"])).get()
    assert deferred(lean.latest_capture) == set(large_columns()) - {"provenance"}


@pytest.mark.django_db
def test_a_choice_among_captures_loads_what_tells_them_apart(team: Team) -> None:
    make_capture(make_reference(team))
    choice = Capture.objects.as_choices().get()
    assert not deferred(choice) & {"fetched_at", "outcome_code", "status", "uploaded_by_id"}
    assert set(large_columns()) < deferred(choice)
