"""A reviewer whose record is no longer in force is shown what differs, and nothing else."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from annotations.domain.verdicts.records import Difference, Part, differences


def source(number: int, **changed: object) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "id": number,
        "stance": "supports",
        "title": f"Page {number}",
        "url": f"https://example.org/{number}",
        "passage": "Fifty.",
        "note": "",
        "read": "never read",
        "capture": None,
    }
    return plain | changed


def record() -> dict[str, Any]:
    return {
        "statement": "Fifty people were hurt.",
        "claimant": {"name": "Maria", "role": "spokesperson", "kind": "person"},
        "said_on": "2019-04-30",
        "said_where": "Caracas",
        "chosen_because": "Often repeated.",
        "tags": ["caracas"],
        "words": {"prefix": "zeker ", "exact": "vijftig gewonden", "suffix": " binnen"},
        "article": {"title": "Onrust", "version": 1},
        "rating": {"label": "True", "definition": "It is so."},
        "verdict": {"reasoning": "Two say so.", "as_of": "2019-05-03"},
        "evidence": [source(1), source(2)],
        "hands": [{"name": "Edith"}, {"name": "Col"}],
    }


def changed(do: Callable[[dict[str, Any]], object]) -> list[Difference]:
    after = copy.deepcopy(record())
    do(after)
    return differences(record(), after)  # type: ignore[arg-type]


def put(*path: str, to: object) -> Callable[[dict[str, Any]], object]:
    def do(after: dict[str, Any]) -> None:
        place = after
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = to

    return do


def test_a_record_does_not_differ_from_itself_nor_by_what_only_orders_the_work() -> None:
    assert changed(lambda after: None) == []
    assert changed(put("tags", to=["other"])) == []


@pytest.mark.parametrize(
    ("do", "part", "before", "after"),
    [
        (put("statement", to="Sixty."), Part.STATEMENT, "Fifty people were hurt.", "Sixty."),
        (
            put("claimant", "name", to=""),
            Part.CLAIMANT,
            "Maria, spokesperson, person",
            "spokesperson, person",
        ),
        (put("said_on", to=None), Part.SAID, "2019-04-30, Caracas", "Caracas"),
        (put("chosen_because", to=""), Part.CHOSEN_BECAUSE, "Often repeated.", ""),
        (
            put("words", "exact", to="zestig"),
            Part.WORDS,
            "zeker vijftig gewonden binnen",
            "zeker zestig binnen",
        ),
        (
            put("words", "prefix", to="nooit "),
            Part.WORDS,
            "zeker vijftig gewonden binnen",
            "nooit vijftig gewonden binnen",
        ),
        (put("words", to=None), Part.WORDS, "zeker vijftig gewonden binnen", ""),
        (put("article", "version", to=2), Part.ARTICLE, "Onrust, version 1", "Onrust, version 2"),
        (put("rating", "definition", to="Or so."), Part.RATING, "True: It is so.", "True: Or so."),
        (put("verdict", "reasoning", to="One."), Part.REASONING, "Two say so.", "One."),
        (put("verdict", "as_of", to="2019-05-04"), Part.AS_OF, "2019-05-03", "2019-05-04"),
        (put("hands", to=[{"name": "Edith"}]), Part.HANDS, "Edith, Col", "Edith"),
    ],
)
def test_each_part_that_differs_is_shown_as_it_was_and_is(
    do: Callable[[dict[str, Any]], object], part: Part, before: str, after: str
) -> None:
    assert changed(do) == [Difference(part, before, after)]


def test_sources_that_went_changed_and_came_are_told_apart() -> None:
    capture = {"fetched_at": "2019-05-02T08:00:00Z", "body_sha256": "ab" * 32}
    found = changed(put("evidence", to=[source(2, passage="", read="read", capture=capture), source(3)]))
    assert found == [
        Difference(Part.EVIDENCE_GONE, "supports, Page 1, https://example.org/1, “Fifty.”, never read", ""),
        Difference(
            Part.EVIDENCE,
            "supports, Page 2, https://example.org/2, “Fifty.”, never read",
            "supports, Page 2, https://example.org/2, read 2019-05-02T08:00:00Z, abababababab",
        ),
        Difference(Part.EVIDENCE_ADDED, "", "supports, Page 3, https://example.org/3, “Fifty.”, never read"),
    ]


def test_people_come_last() -> None:
    def do(after: dict[str, Any]) -> None:
        after["hands"] = []
        after["statement"] = "Sixty."
        after["evidence"] = [source(1)]

    assert [found.part for found in changed(do)] == [Part.STATEMENT, Part.EVIDENCE_GONE, Part.HANDS]
