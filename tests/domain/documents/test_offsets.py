"""Code points and UTF-16 units convert into each other without loss."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.documents.offsets import from_utf16, to_utf16

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
CASES = json.loads((Path(__file__).parents[2] / "js" / "offset_cases.json").read_text("utf-8"))


@given(TEXT, st.data())
def test_an_offset_survives_the_way_there_and_back(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    units = to_utf16(text, offset)
    assert units == len(text[:offset].encode("utf-16-le")) // 2
    assert from_utf16(text, units) == offset


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_the_cases_shared_with_the_page(case: dict[str, object]) -> None:
    text, pairs = case["text"], case["offsets"]
    assert isinstance(text, str)
    assert isinstance(pairs, list)
    for offset, units in pairs:
        assert to_utf16(text, offset) == units
        assert from_utf16(text, units) == offset


def test_what_is_no_place_in_the_text_is_refused() -> None:
    for units in (-1, 2, 5):
        with pytest.raises(ValueError, match="offset"):
            from_utf16("a😀b", units)
    for offset in (-1, 4):
        with pytest.raises(ValueError, match="offset"):
            to_utf16("a😀b", offset)
