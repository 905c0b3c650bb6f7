"""Two readings side by side: nothing left out, nothing made up, and quick whatever the page holds."""

import time

from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.captures.side_by_side import SHOWN_PARAGRAPHS, Row, RowKind, halves, side_by_side
from annotations.domain.differences import Change, Kind


def words(changes: tuple[Change, ...]) -> str:
    return "".join(change.text for change in changes)


def test_a_changed_paragraph_stands_beside_what_it_was() -> None:
    before = "First.\n\nFifty people were hurt in the fire.\n\nThird."
    after = "First.\n\nForty people were hurt in the fire.\n\nThird."
    rest = Change(Kind.SAME, " people were hurt in the fire.")
    assert side_by_side(before, after).rows == (
        Row(RowKind.SAME),
        Row(
            RowKind.CHANGED,
            before=(Change(Kind.REMOVED, "Fifty"), rest),
            after=(Change(Kind.ADDED, "Forty"), rest),
        ),
        Row(RowKind.SAME),
    )


def test_paragraphs_that_share_no_words_stand_alone() -> None:
    rows = side_by_side("A river rose.", "Schools stay closed.").rows
    assert [(row.kind, words(row.before), words(row.after)) for row in rows] == [
        (RowKind.REMOVED, "A river rose.", ""),
        (RowKind.ADDED, "", "Schools stay closed."),
    ]


def test_of_unchanged_paragraphs_only_the_number_is_told() -> None:
    same = "\n\n".join(f"Paragraph {number}." for number in range(7))
    assert side_by_side(same, f"{same}\n\nNew.").rows[0] == Row(RowKind.SAME, count=7)
    assert side_by_side("", "").rows == ()


def test_more_than_can_be_shown_is_cut_and_says_so() -> None:
    found = side_by_side("", "\n\n".join(f"New {number}." for number in range(SHOWN_PARAGRAPHS + 1)))
    assert (len(found.rows), found.is_cut) == (SHOWN_PARAGRAPHS, True)


@given(st.text(alphabet="ab \n", max_size=80), st.text(alphabet="ab \n", max_size=80))
def test_each_column_reads_as_its_text(before: str, after: str) -> None:
    found = side_by_side(before, after)
    old = [line for line in before.split("\n") if line]
    new = [line for line in after.split("\n") if line]
    same = sum(row.count for row in found.rows if row.kind is RowKind.SAME)
    left = [words(row.before) for row in found.rows if row.kind in (RowKind.CHANGED, RowKind.REMOVED)]
    right = [words(row.after) for row in found.rows if row.kind in (RowKind.CHANGED, RowKind.ADDED)]
    assert (same + len(left), same + len(right)) == (len(old), len(new))
    assert all(line in old for line in left)
    assert all(line in new for line in right)


def test_a_stretch_too_long_to_compare_is_shown_whole() -> None:
    before, after = "a " * 4000, "b " * 4000
    assert halves(before, after) == ((Change(Kind.REMOVED, before),), (Change(Kind.ADDED, after),))


def test_a_page_of_endless_repeats_is_compared_in_seconds() -> None:
    begun = time.monotonic()
    side_by_side("x\n" * 200_000, "y\n" + "x\n" * 200_000 + "z\nx\n")
    assert time.monotonic() - begun < 20
