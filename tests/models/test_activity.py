"""The log holds verbs that it can say in words, and keeps those of earlier versions."""

from annotations.domain.activity import RETIRED
from annotations.models import Activity
from annotations.queries.desks.pages import desk_log
from tests.factories import Team
from tests.models.refusing import refused_by


def test_a_verb_without_words_cannot_be_recorded(team: Team) -> None:
    before = Activity.objects.count()

    with refused_by("activity_verb_known"):
        Activity.objects.create(desk=team.desk, verb="froze", object_type="report", object_id=1)

    assert Activity.objects.count() == before


def test_lines_that_earlier_versions_wrote_are_still_read_in_words(team: Team) -> None:
    for verb in RETIRED:
        Activity.objects.create(desk=team.desk, verb=verb, object_type="claim", object_id=1)

    told = [line.words for line in desk_log(team.desk.pk).rows]

    assert "proposed the claim" in told
