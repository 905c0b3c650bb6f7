"""Whatever bytes come back, a fetch ends in a row of the table of outcomes and in nothing else."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations.domain.fetches.outcomes import OUTCOMES, WARNINGS
from annotations.fetching import Fetched, FetchFailed
from tests.fakes.site import Site, response

Get = Callable[..., Fetched]
ANY_TIME = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NAMES = ["Location", "Content-Type", "Content-Encoding", "Content-Length", "Transfer-Encoding", "Retry-After",
         "Refresh", "Set-Cookie", "Connection", "ETag", "Upgrade"]  # fmt: skip
VALUES = st.one_of(
    st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=40),
    st.sampled_from(
        ["chunked", "gzip", "br, gzip", "0", "-1", "99999999999999999999", "text/html; charset=\"", "//[",
         "http://[", "http://[::1", "0;url=http://[", "Wed, 21 Oct 9999 07:28:00 -2359",
         "Fri, 31 Dec 0000 00:00:00 GMT", "/a#"]
    ),
)  # fmt: skip
HEADS = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=4)


def ends_in_the_table(get: Get) -> None:
    result: Fetched | FetchFailed
    try:
        result = get("/any")
    except FetchFailed as failure:
        result = failure
    assert result.code in OUTCOMES
    assert result.hops
    assert isinstance(result, FetchFailed) or set(result.warnings) <= WARNINGS.keys()


@ANY_TIME
@given(status=st.integers(100, 999), headers=HEADS, body=st.binary(max_size=200))
def test_any_status_headers_and_body(
    site: Site, get: Get, status: int, headers: list[tuple[str, str]], body: bytes
) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    site.otherwise = f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode("latin-1") + body
    ends_in_the_table(get)


@ANY_TIME
@given(place=st.integers(0, 200), noise=st.binary(min_size=1, max_size=8), cut=st.integers(0, 250))
def test_any_damage_to_a_good_response(site: Site, get: Get, place: int, noise: bytes, cut: int) -> None:
    good = response(b"<p>A page that arrives in good order.</p>", "Connection: close", 'ETag: "v1"')
    site.otherwise = (good[:place] + noise + good[place + len(noise) :])[: cut or None]
    ends_in_the_table(get)
