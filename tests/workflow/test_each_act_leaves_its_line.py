"""Every act leaves its line in the log: who did what to which thing, and nothing else is written there.

Each verb of the log has its act in `acts`. A verb without one fails, so whoever adds a verb adds its act.
"""

from typing import Any

import pytest

from annotations.domain.activity import RETIRED, Verb
from annotations.models import Activity
from tests.factories import Team
from tests.workflow.acts import accounts, articles, claims, desks, reports, sources, verdicts
from tests.workflow.acts.line import Act

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_loopback")]

ACTS = {
    name: found
    for module in (articles, claims, sources, verdicts, reports, desks, accounts)
    for name, found in vars(module).items()
    if getattr(found, "__annotations__", {}).get("return") is Act and not name.startswith(("_", "one"))
}


def test_every_verb_has_its_act() -> None:
    assert {verb.value for verb in Verb} - RETIRED - set(ACTS) == set()


@pytest.mark.parametrize("name", ACTS)
def test_an_act_leaves_its_line_and_no_other(
    name: str, team: Team, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    wanted = ACTS[name]
    act = wanted(team, monkeypatch) if "monkeypatch" in wanted.__annotations__ else wanted(team)
    before = Activity.objects.order_by("-id").values_list("pk", flat=True).first() or 0

    act.do()

    lines = list(Activity.objects.filter(pk__gt=before, desk=team.desk).order_by("id"))
    assert [(line.verb, line.actor, (line.from_state, line.to_state)) for line in lines] == [
        (line.verb.value, line.by, line.move) for line in act.lines
    ]
    for line, expected in zip(lines, act.lines, strict=True):
        told = expected.details or {}
        assert {key: line.details.get(key) for key in told} == told
        if act.about is not None:
            assert (line.object_type, line.object_id) == act.about
