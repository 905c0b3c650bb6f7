"""What changed between two texts, word by word."""

from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.differences import Change, Kind, changes


def test_one_changed_word_is_taken_out_and_put_in():
    assert changes("At least fifty injured.", "At least forty injured.") == [
        Change(Kind.SAME, "At least "),
        Change(Kind.REMOVED, "fifty"),
        Change(Kind.ADDED, "forty"),
        Change(Kind.SAME, " injured."),
    ]


def test_equal_texts_are_one_stretch_and_empty_ones_none():
    assert changes("Same.", "Same.") == [Change(Kind.SAME, "Same.")]
    assert changes("", "") == []


@given(st.text(), st.text())
def test_the_stretches_join_up_to_both_texts(before, after):
    found = changes(before, after)
    assert "".join(each.text for each in found if each.kind is not Kind.ADDED) == before
    assert "".join(each.text for each in found if each.kind is not Kind.REMOVED) == after
