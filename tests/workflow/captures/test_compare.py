"""Deciding whether a check of a page is kept changes nothing, and writes one kind of row at most."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.apps import apps

from annotations.extraction import Extracted, extract_page
from annotations.fetching import Fetched
from annotations.workflow.captures import compare, reextract
from annotations.workflow.fetches import run
from tests.factories import Team
from tests.fakes.site import Site
from tests.watched import LEDE, WatchedPage, story, watched_page

pytestmark = pytest.mark.usefixtures("open_loopback")


@pytest.fixture
def watched(team: Team, site: Site) -> WatchedPage:
    return watched_page(team, site)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, int]]:
    """For each decision, how many rows of which model it wrote; a changed row is a failure at once."""
    written: list[dict[str, int]] = []
    decide = compare.decide_keeping

    def watching(
        reference_id: int, fetched: Fetched, extract: Callable[[], Extracted]
    ) -> compare.KeepDecision:
        before = rows()
        decision = decide(reference_id, fetched, extract)
        after = rows()
        assert {name: after[name][: len(before[name])] for name in before} == before
        new = {name: len(after[name]) - len(before[name]) for name in before}
        written.append({name: number for name, number in new.items() if number})
        return decision

    monkeypatch.setattr(compare, "decide_keeping", watching)
    return written


def rows() -> dict[str, list[dict[str, Any]]]:
    models = apps.get_app_config("annotations").get_models()
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


def bring_a_new_extractor(monkeypatch: pytest.MonkeyPatch) -> None:
    def extract(*given: Any, **more: Any) -> Extracted:
        return replace(extract_page(*given, **more), extractor="tomorrow", text=LEDE)

    monkeypatch.setattr(run, "extract_page", extract)
    monkeypatch.setattr(reextract, "extract_page", extract)


@pytest.mark.parametrize("page", [story(), story(aside="<p>12 comments</p>"), story(title="Another")])
def test_a_decision_by_the_same_extractor_writes_nothing(
    page: bytes, watched: WatchedPage, written: list[dict[str, int]]
) -> None:
    watched.shows(page)
    watched.look()
    assert written == [{}]


def test_what_a_new_extractor_makes_of_the_old_bytes_is_kept_once_and_nothing_else(
    watched: WatchedPage, written: list[dict[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_a_new_extractor(monkeypatch)
    watched.shows(story(aside="<p>12 comments</p>"))
    watched.look()
    watched.shows(story(aside="<p>13 comments</p>"))
    watched.look()
    assert written == [{"Extraction": 1}, {}]
