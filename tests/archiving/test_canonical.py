import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.archiving.canonical import NotCanonical, canonical, is_sha256, read_canonical

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_VALUES)
def test_what_is_written_reads_back_and_is_canonical(value: object) -> None:
    assert read_canonical(canonical(value)) == value


def test_names_are_in_the_order_of_rfc_8785() -> None:
    names = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert list(read_canonical(canonical(names)).values()) == [2, 4, 6, 7, 1, 5, 3]


def test_text_keeps_its_composition() -> None:
    assert (
        canonical("e\u0301 \u00e9 \u2028 \x7f \x1f \n") == '"e\u0301 \u00e9 \u2028 \x7f \\u001f \\n"'.encode()
    )


@pytest.mark.parametrize("value", [1.0, 2**53, {1: 2}, {"a": {"b": float("nan")}}, b"x", "\ud800"])
def test_what_has_no_one_way_to_be_written_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_endless_nesting_is_refused() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(NotCanonical):
        canonical(deep)
    with pytest.raises(NotCanonical):
        read_canonical(b"[" * 100_000)


@pytest.mark.parametrize(
    "data",
    [b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1,"a":1}', b"1.0", b'"\\u0041"', b"[]\n", b"\xff", b"NaN", b"-0"],
)
def test_any_other_way_to_write_a_value_is_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        read_canonical(data)


def test_a_hash_has_one_spelling() -> None:
    assert is_sha256("0a" * 32)
    assert not is_sha256("0A" * 32)
    assert not is_sha256("0a" * 32 + "\n")
    assert not is_sha256(None)
