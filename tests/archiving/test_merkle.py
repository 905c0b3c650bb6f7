import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.archiving.merkle import inclusion_paths, is_included, merkle_root

# The leaves from the tests of certificate transparency logs.
_KNOWN = [bytes.fromhex(leaf) for leaf in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip


def _by_the_book(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, word for word: split at the largest power of two below the size."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + _by_the_book(leaves[:split]) + _by_the_book(leaves[split:])).digest()


def test_the_root_is_that_of_the_known_leaves() -> None:
    assert merkle_root(_KNOWN).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@pytest.mark.parametrize("size", range(1, 35))
def test_each_leaf_of_a_tree_of_any_size_leads_to_the_root_of_the_rfc(size: int) -> None:
    leaves = [bytes([number]) * 32 for number in range(size)]
    root = merkle_root(leaves)
    assert root == _by_the_book(leaves)
    for position, path in enumerate(inclusion_paths(leaves)):
        assert is_included(leaves[position], position, size, path, root)
        assert not is_included(leaves[position], position + 1, size, path, root)
        assert not is_included(b"other", position, size, path, root)
        assert not is_included(leaves[position], position, size, [*path, root], root)
        if path:
            assert not is_included(leaves[position], position, size, path[:-1], root)


@given(st.lists(st.binary(min_size=1, max_size=8), min_size=2, max_size=40), st.data())
def test_no_other_tree_has_the_same_root(leaves: list[bytes], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:position], leaves[position] + b"x", *leaves[position + 1 :]]
    assert merkle_root(changed) != merkle_root(leaves)
    assert merkle_root(leaves[:-1]) != merkle_root(leaves)


def test_no_leaves_make_no_tree() -> None:
    with pytest.raises(ValueError, match="at least one leaf"):
        merkle_root([])


def test_a_place_outside_of_the_tree_is_not_included() -> None:
    leaves = [b"a", b"b"]
    root, paths = merkle_root(leaves), inclusion_paths(leaves)
    assert not is_included(b"a", -1, 2, paths[0], root)
    assert not is_included(b"a", 2, 2, paths[0], root)
    assert not is_included(b"a", 0, 0, [], root)
