"""Attach many addresses while workers are killed, the broker is flushed, frozen and restarted and the
database is restarted; then count what became of them. The bar: all fetched, none twice.

    make bench ARGS="faults [--hosts 500] [--pages 4] [--minutes 10]"
"""

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from factcheck.bench.stack import Stack, running_stack, until

CONCURRENCY = 4
WORKERS = 2
FREEZE_SECONDS = 3.0
REST_SECONDS = 0.5
LONGEST_REST = 20.0
# About this many faults are spread over a run.
FAULTS = 60
PAGE_MILLISECONDS = 30

_COUNTS = """
SELECT (SELECT count(*) FROM annotations_reference),
    (SELECT count(*) FROM annotations_reference r WHERE r.fetch_state IN ('fetched', 'failed')
        AND NOT EXISTS (SELECT 1 FROM annotations_fetchjob j
            WHERE j.reference_id = r.id AND j.state IN ('queued', 'fetching'))),
    (SELECT count(*) FROM annotations_reference WHERE fetch_state = 'fetched'),
    (SELECT count(*) FROM annotations_capture),
    (SELECT count(DISTINCT reference_id) FROM annotations_capture),
    (SELECT count(*) FROM annotations_evidence),
    (SELECT count(*) FROM annotations_evidence WHERE capture_id IS NOT NULL),
    (SELECT count(*) FROM annotations_activity WHERE verb = 'fetched'),
    (SELECT count(*) FROM annotations_fetchjob),
    (SELECT coalesce(sum(attempt), 0) FROM annotations_fetchjob)
"""
# A healthy fetch here takes a fraction of a second; only a killed worker's fetch takes longer than this.
_LAPSE = """
WITH lost AS (
    UPDATE annotations_fetchjob SET lease_until = now()
    WHERE state = 'fetching' AND started_at < now() - interval '6 seconds' AND lease_until > now()
    RETURNING host
)
UPDATE annotations_host SET busy_until = now() FROM lost WHERE name = lost.host
"""


class Counted(NamedTuple):
    """The counts from the database, in the order of the query."""

    references: int
    final: int
    fetched: int
    captures: int
    captured: int
    evidence: int
    with_capture: int
    logged: int
    jobs: int
    attempts: int


@dataclass(frozen=True)
class Outcome:
    """The outcome for the addresses, and the faults they went through."""

    asked: int
    counted: Counted
    faults: Counter[str]
    clicks: list[float]
    refused_clicks: int
    site: dict[str, int]
    seconds: float

    @property
    def holds(self) -> bool:
        """Return whether everything that was asked for is done, and no effect of it was written twice."""
        found = self.counted
        once = (found.references, found.final, found.fetched, found.captures, found.captured, found.jobs)
        return set(once) == {self.asked} and found.evidence == found.with_capture == found.logged

    def __str__(self) -> str:
        found = self.counted
        done = ", ".join(f"{number} × {name}" for name, number in sorted(self.faults.items()))
        return (
            f"{self.asked:,} references asked for, {found.references:,} stored\n"
            f"  in a final state: {found.final:,} ({100 * found.final / self.asked:.1f} %), "
            f"fetched: {found.fetched:,}\n"
            f"  captures: {found.captures:,} of {found.captured:,} references, by {found.jobs:,} jobs\n"
            f"  sources that got their page: {found.with_capture:,} of {found.evidence:,}; "
            f"lines in the log: {found.logged:,}\n"
            f"  attempts: {found.attempts:,}; requests that reached the sites: {self.site['requests']:,}, "
            f"of one host at most {self.site['most_at_once']} at once\n"
            f"  slowest of {len(self.clicks)} clicks: {max(self.clicks):.2f} s; "
            f"refused because the database was away: {self.refused_clicks}\n"
            f"  faults in {self.seconds:.0f} s: {done}\n"
            f"  the bar, all of them and none twice: {'held' if self.holds else 'MISSED'}"
        )


class Chaos:
    """Breaks one thing after another in a seeded order, and repairs it."""

    def __init__(self, stack: Stack, *, seed: int) -> None:
        self.stack = stack
        self.done: Counter[str] = Counter()
        self._random = random.Random(seed)  # noqa: S311 - chooses what to break, and again the same
        self._left: list[Callable[[], None]] = []

    def strike(self) -> None:
        """Break the next thing. Every kind comes once before any comes again."""
        if not self._left:
            self._left = [
                self.kill_worker,
                self.kill_process,
                self.flush,
                self.freeze,
                self.restart_broker,
                self.restart_database,
            ]
            self._random.shuffle(self._left)
        self._left.pop()()

    def mend(self) -> None:
        """Start a worker for each one that ended by itself, as a supervisor would."""
        for _ in range(WORKERS - len(self._running())):
            self.stack.start_worker(CONCURRENCY, wait=False)
            self.done["worker ended"] += 1

    def kill_worker(self) -> None:
        """Kill a whole worker and start another in its place."""
        self.stack.kill(self._random.choice(self._running()))
        self.stack.start_worker(CONCURRENCY, wait=False)
        self.done["worker killed"] += 1

    def kill_process(self) -> None:
        """Kill one process of a worker, which starts another by itself."""
        pid = self._random.choice(self._running()).pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children:
            with suppress(ProcessLookupError):
                os.kill(int(self._random.choice(children)), signal.SIGKILL)
            self.done["process killed"] += 1

    def flush(self) -> None:
        """Empty the broker."""
        self.stack.forget_messages()
        self.done["broker flushed"] += 1

    def freeze(self) -> None:
        """Pause the broker's process for a while."""
        with self.stack.frozen_broker():
            time.sleep(FREEZE_SECONDS)
        self.done["broker frozen"] += 1

    def restart_broker(self) -> None:
        """Restart the broker without its messages."""
        self.stack.restart_broker()
        self.done["broker restarted"] += 1

    def restart_database(self) -> None:
        """Restart the database and end all its sessions."""
        self.stack.restart_database()
        self.done["database restarted"] += 1

    def _running(self) -> "list[subprocess.Popen[bytes]]":
        return [worker for worker in self.stack.workers if worker.poll() is None]


def break_everything(
    stack: Stack, *, hosts: int, pages: int, seed: int = 1, patience: float, hurry: bool = False
) -> Outcome:
    """Attach `hosts` × `pages` addresses under faults, wait until all are done, and count.

    The faults continue until the last click is answered and nine in ten pages are fetched. With `hurry`,
    leases of killed workers lapse at once and the sweep comes twice a second. Raises TimeoutError when not
    all are done within `patience` seconds.
    """
    port = free_port()
    begun = time.monotonic()
    site = stack.start("site", "-m", "factcheck.bench.pages", str(port), str(PAGE_MILLISECONDS))
    clock = None if hurry else stack.start_clock()
    try:
        for _ in range(WORKERS):
            stack.start_worker(CONCURRENCY)
        clicks = stack.start(
            "clicks", "-m", "factcheck.bench.attaching", *map(str, (port, hosts, pages, 0 if hurry else 0.2))
        )
        chaos = Chaos(stack, seed=seed)
        while clicks.poll() is None or _counted(stack).fetched < hosts * pages * 9 // 10:
            if time.monotonic() - begun > patience:
                raise TimeoutError(f"too little was done within {patience:.0f} s")
            chaos.strike()
            _work_a_little(stack, chaos, hosts * pages // FAULTS, hurry)
        said = json.loads((stack.folder / "clicks.log").read_text().splitlines()[-1])

        def done() -> bool:
            chaos.mend()
            _pass_time(stack, hurry)
            counted = _counted(stack)
            return counted.references == counted.final

        until(done, "everything is done", seconds=patience, pause=1.0)
        return Outcome(
            hosts * pages,
            _counted(stack),
            faults=chaos.done,
            clicks=said["seconds"],
            refused_clicks=said["refused"],
            site=_site_counts(port),
            seconds=time.monotonic() - begun,
        )
    finally:
        for process in (site, clock):
            if process is not None:
                process.terminate()
                process.wait(15)


def _work_a_little(stack: Stack, chaos: Chaos, pages: int, hurry: bool) -> None:
    """Wait until some more pages are fetched, or for a while, so that each fault hits work in progress."""
    wanted, end = _counted(stack).fetched + pages, time.monotonic() + LONGEST_REST
    while _counted(stack).fetched < wanted and time.monotonic() < end:
        chaos.mend()
        _pass_time(stack, hurry)
        time.sleep(REST_SECONDS)


def _pass_time(stack: Stack, hurry: bool) -> None:
    if hurry:
        stack.rows(_LAPSE)
        stack.sweep()


def _counted(stack: Stack) -> Counted:
    [row] = stack.rows(_COUNTS)
    return Counted(*map(int, row))


def _site_counts(port: int) -> dict[str, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/counts", timeout=10) as answer:
        counts: dict[str, int] = json.load(answer)
    return counts


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("0.0.0.0", 0)) as probe:  # noqa: S104 - the site listens on all of loopback
        return int(probe.getsockname()[1])


def main(arguments: Sequence[str]) -> int:
    """Print the outcome; return 1 if the bar was missed."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=faults", description=__doc__)
    parser.add_argument("--hosts", type=int, default=500)
    parser.add_argument("--pages", type=int, default=4, help="pages of each host")
    parser.add_argument("--minutes", type=float, default=15.0, help="give up after this long")
    parser.add_argument("--seed", type=int, default=1, help="which faults come when")
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with running_stack() as stack:
        outcome = break_everything(
            stack, hosts=asked.hosts, pages=asked.pages, seed=asked.seed, patience=asked.minutes * 60
        )
    print(outcome)
    return 0 if outcome.holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
