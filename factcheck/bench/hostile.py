"""Fetch from every hostile server of the tests' list with the real limits, and measure time, memory and code.

    make bench ARGS=hostile
    make bench ARGS="hostile PDF zstd"     only the cases with one of these words in the name

Each case runs in a separate process, as in a worker, from the address to the text that was read.
Meanwhile another process keeps fetching a healthy page.
"""

import ipaddress
import json
import os
import resource
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotations.extraction import extract_page
from annotations.fetching import FetchFailed, fetch
from factcheck.embedded.places import PROJECT

SECONDS, MEBIBYTES, DELAY_SECONDS = 65.0, 300.0, 1.0
AT_ONCE = 3
PAUSE = 0.1
AGENT = "FactCheckWorkbench bench"
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


@dataclass(frozen=True)
class Met:
    """The result of one case. Sizes in MiB: the fetching process, and the largest of the reading ones."""

    name: str
    code: str
    expected: bool
    warnings: str
    seconds: float
    fetching: float
    reading: float
    delay: float

    @property
    def largest(self) -> float:
        """Return the size of the larger process."""
        return max(self.fetching, self.reading)

    @property
    def held(self) -> bool:
        """Return whether it ended as it should, within every bar."""
        within = self.seconds <= SECONDS and self.largest <= MEBIBYTES
        return self.expected and within and self.delay <= DELAY_SECONDS


def main(words: Sequence[str]) -> int:
    """Measure and print one table; return 1 if any case does not hold."""
    with _served() as web, _served("healthy") as beside_it, _Healthy(beside_it["healthy"]) as healthy:
        cases = [case for case in web["cases"] if not words or any(word in case["name"] for word in words)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            met = list(pool.map(lambda case: _meet(case, web["certificates"], healthy), cases))
        alone = healthy.alone
    print("| case | ends as | seconds | MB fetching | MB reading | healthy page, ms | said of the text |")
    print("|---|---|--:|--:|--:|--:|---|")
    for one in met:
        sizes = f"{one.fetching:.0f} | {one.reading:.0f} | {one.delay * 1000:.0f}"
        mark = "" if one.held else " **does not hold**"
        print(f"| {one.name} | `{one.code}`{mark} | {one.seconds:.1f} | {sizes} | {one.warnings} |")
    longest, largest = max(one.seconds for one in met), max(one.largest for one in met)
    beside = max(one.delay for one in met)
    print(f"\n{len(met)} cases; the longest took {longest:.1f} s, the largest process {largest:.0f} MB.")
    print(f"A healthy page took {beside * 1000:.0f} ms at most beside them, {alone * 1000:.0f} ms alone.")
    return 0 if all(one.held for one in met) else 1


@contextmanager
def _served(*words: str) -> Iterator[dict[str, Any]]:
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.hostile_web", *words],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        yield json.loads(server.stdout.readline())
    finally:
        server.stdin.close()
        server.stdout.close()
        server.wait()


class _Healthy:
    """A process that keeps fetching a healthy page and records how long each fetch took."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._ended = threading.Event()
        self._samples: list[tuple[float, float]] = []
        self._thread = threading.Thread(target=self._go_on)
        self.alone = 0.0

    def __enter__(self) -> "_Healthy":
        for _ in range(20):
            self.alone = max(self.alone, self._once())
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def slowest_since(self, moment: float) -> float:
        """Return the seconds of the longest fetch that ended after `moment`."""
        return max((took for ended, took in self._samples if ended >= moment), default=0.0)

    def _go_on(self) -> None:
        while not self._ended.wait(PAUSE):
            took = self._once()
            self._samples.append((time.monotonic(), took))

    def _once(self) -> float:
        fetched = fetch(self._url, user_agent=AGENT, allowed_networks=LOOPBACK)
        assert fetched.code == "ok", fetched.code
        return fetched.elapsed.total_seconds()


def _meet(case: dict[str, Any], certificates: str, healthy: _Healthy) -> Met:
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "factcheck.bench.hostile", json.dumps(case | {"certificates": certificates})],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    said = process.stdout.read()
    # The process waited for its readers, so its use includes theirs.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    nothing = {"code": f"exit {process.returncode}", "fetching": 0.0, "seconds": 0.0, "warnings": []}
    found: dict[str, Any] = json.loads(said) if said else nothing
    return Met(
        name=case["name"],
        code=found["code"],
        expected=found["code"] in case["codes"],
        warnings=" ".join(found["warnings"]),
        seconds=found["seconds"],
        fetching=found["fetching"],
        reading=usage.ru_maxrss / 1024,
        delay=healthy.slowest_since(begun),
    )


def _one(case: dict[str, Any]) -> None:
    """Fetch and read in a process of its own, and print the result."""
    never = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        if case["server"] == "nowhere":
            never.wait()
        return ["127.0.0.1"]

    trusted = Path(case["certificates"]) / f"{case['trusts']}.pem"
    begun = time.monotonic()
    warnings: tuple[str, ...] = ()
    try:
        fetched = fetch(
            case["url"],
            user_agent=AGENT,
            allowed_networks=LOOPBACK,
            resolver=resolve,
            tls=ssl.create_default_context(cafile=str(trusted)) if case["trusts"] else None,
        )
    except FetchFailed as failure:
        code = failure.code
    else:
        code = fetched.code
        read = extract_page(fetched.body, fetched.media_type, fetched.charset_hint, fetched.final_url)
        warnings = (*fetched.warnings, *read.warnings)
    said = {
        "code": code,
        "warnings": warnings,
        "seconds": time.monotonic() - begun,
        "fetching": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    _one(json.loads(sys.argv[1]))
