"""Every case of the list from the address to the extracted text, under small limits."""

import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from annotations.domain.fetches.outcomes import OUTCOMES, WARNINGS
from annotations.extraction import Extracted, ExtractionLimits, extract_page
from annotations.fetching import Fetched, FetchFailed, Limits, fetch
from tests.fakes.hostile_cases import CASES, Case
from tests.fakes.hostile_web import TLS, HostileWeb
from tests.fetching.conftest import LOOPBACK

SMALL = Limits(
    total_seconds=1.5,
    connect_seconds=0.6,
    resolve_seconds=0.5,
    idle_seconds=0.6,
    body_bytes=2_000_000,
    pdf_bytes=2_000_000,
    decoded_bytes=4_000_000,
)
READING = ExtractionLimits(wall_seconds=8.0)
# These cases are about sheer size, which small limits would refuse at once. They run with the real limits.
ONLY_LARGE = {
    "100,000 paragraphs",
    "200,000 links",
    "a line of 20 MB",
    "a page of 45 MB",
    "a PDF of 99 MB",
    "a PDF of 120 MB",
    "a PDF that unpacks to 1 GB",
    "a table in a table, 2,000 deep",
    "a Word file that unpacks to 1 GB",
    "endless chunks of one byte",
    "endless empty gzip members",
    "scripts that never end",
    "tags that never end",
}


@pytest.fixture(scope="module")
def web() -> Iterator[HostileWeb]:
    with HostileWeb() as running:
        yield running


def meet(web: HostileWeb, case: Case, limits: Limits = SMALL) -> tuple[str, Fetched | None, Extracted | None]:
    never = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        if case.server == "nowhere":
            never.wait(5)
        return ["127.0.0.1"]

    try:
        fetched = fetch(
            web.url(case),
            user_agent="Test/1",
            limits=limits,
            allowed_networks=LOOPBACK,
            resolver=resolve,
            tls=ssl.create_default_context(cafile=str(TLS / f"{case.trusts}.pem")) if case.trusts else None,
        )
    except FetchFailed as failure:
        return failure.code, None, None
    finally:
        never.set()
    if fetched.code != "ok":
        return fetched.code, fetched, None
    read = extract_page(
        fetched.body, fetched.media_type, fetched.charset_hint, fetched.final_url, limits=READING
    )
    return fetched.code, fetched, read


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name not in ONLY_LARGE], ids=lambda c: c.name
)
def test_a_hostile_server_ends_in_a_clear_state_in_time(web: HostileWeb, case: Case) -> None:
    begun = time.monotonic()
    code, fetched, read = meet(web, case)
    elapsed = time.monotonic() - begun
    assert code in case.codes
    assert code in OUTCOMES
    assert elapsed < SMALL.total_seconds + READING.wall_seconds
    if fetched is not None:
        assert len(fetched.body) <= SMALL.decoded_bytes
        assert set(fetched.warnings) <= WARNINGS.keys()
        assert fetched.truncated == bool(fetched.hops[-1].truncated)
    if read is not None:
        assert set(read.warnings) <= WARNINGS.keys()
        assert case.warning in ("", *read.warnings)


def test_a_large_file_is_cut_off_at_its_limit(web: HostileWeb) -> None:
    named = {case.name: case for case in CASES}
    # The fake site first has to make 99 MB, which takes longer than the short waits on a busy machine.
    limits = replace(SMALL, total_seconds=20.0, idle_seconds=15.0, body_bytes=500_000, pdf_bytes=900_000)
    for name, size in (("100,000 paragraphs", 500_000), ("a PDF of 99 MB", 900_000)):
        code, fetched, _ = meet(web, named[name], limits)
        assert code == "too_large"
        assert fetched is not None
        assert size * 0.8 < len(fetched.body) <= size


def test_every_kind_of_hostility_of_the_list_has_a_name_of_its_own() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) > 90
    assert set(names) > ONLY_LARGE
