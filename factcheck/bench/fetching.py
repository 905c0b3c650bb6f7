"""Measure fetches a second with 1, 4 and 16 worker processes against plain httpx on the same addresses.

    make bench ARGS="fetching [--pages 300] [--processes 1 4 16]"

The workbench fetches, records the exchange, reads the page in a process of its own, keeps the files and
writes the rows; httpx only fetches. Beside it stands httpx with the same reader, in as many processes.
"""

import argparse
import multiprocessing
import signal
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from annotations.extraction import extract_page
from factcheck.bench.faults import free_port
from factcheck.bench.pages import addresses_of
from factcheck.bench.stack import Stack, running_stack, until

PAGE_MILLISECONDS = 5
PATIENCE = 600.0
_DONE = "SELECT count(*) FROM annotations_fetchjob WHERE state = 'fetched'"
# The first fetches are left out, because in them every process loads its libraries and its reader.
_SECONDS = """
SELECT count(*), extract(epoch FROM max(finished_at) - min(finished_at))::float
FROM (
    SELECT finished_at FROM annotations_fetchjob WHERE state = 'fetched' ORDER BY finished_at OFFSET {}
) ended
"""


@dataclass(frozen=True)
class Line:
    """Pages per second with a number of processes, or threads, in one run."""

    processes: int
    workbench: float
    plain: float
    reading: float

    def __str__(self) -> str:
        numbers = (self.workbench, self.plain, self.workbench / self.plain)
        same_work = (self.reading, self.workbench / self.reading)
        return "{:>10}{:>12.1f}{:>12.1f}{:>8.2f}{:>18.1f}{:>8.2f}".format(
            self.processes, *numbers, *same_work
        )


def measure(stack: Stack, pages: int, processes: int) -> Line:
    """Fetch the same pages in three ways, one after another."""
    port = free_port()
    site = stack.start("site", "-m", "factcheck.bench.pages", str(port), str(PAGE_MILLISECONDS))
    try:
        addresses = addresses_of(port, hosts=pages, pages=1)
        until(lambda: _answers(addresses[0]), "the site answers")
        plain = _rate(lambda: _with_threads(addresses, processes), pages)
        reading = _with_processes(addresses, processes)
        workbench = _with_workers(stack, port, pages, processes)
        return Line(processes, workbench, plain, reading)
    finally:
        site.terminate()
        site.wait(15)


def _answers(address: str) -> bool:
    try:
        return httpx.get(address).is_success
    except httpx.TransportError:
        return False


def _rate(act: Callable[[], object], pages: int) -> float:
    begun = time.perf_counter()
    act()
    return pages / (time.perf_counter() - begun)


def _with_threads(addresses: Sequence[str], threads: int) -> None:
    with httpx.Client(limits=httpx.Limits(max_keepalive_connections=0)) as client:
        if threads == 1:
            for address in addresses:
                client.get(address).raise_for_status()
            return
        with ThreadPoolExecutor(threads) as pool:
            for answer in pool.map(client.get, addresses):
                answer.raise_for_status()


def _with_processes(addresses: Sequence[str], processes: int) -> float:
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        pool.map(_fetch_and_read, addresses[: processes * 2], chunksize=2)
        return _rate(lambda: pool.map(_fetch_and_read, addresses, chunksize=1), len(addresses))


def _fetch_and_read(address: str) -> int:
    answer = httpx.get(address)
    return len(extract_page(answer.content, "text/html", "utf-8", address).text)


def _with_workers(stack: Stack, port: int, pages: int, processes: int) -> float:
    stack.empty()
    stack.forget_messages()
    stack.run("-m", "factcheck.bench.attaching", *map(str, (port, pages, 1, 0)))
    worker = stack.start_worker(processes)
    try:
        stack.sweep()
        until(lambda: stack.rows(_DONE) == [(pages,)], "all pages are fetched", seconds=PATIENCE)
    finally:
        stack.kill(worker)
    [(counted, seconds)] = stack.rows(_SECONDS.format(2 * processes))
    return float((counted - 1) / seconds)


def main(arguments: Sequence[str]) -> int:
    """Print a table."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=fetching", description=__doc__)
    parser.add_argument("--pages", type=int, default=300, help="pages, each of another host")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 4, 16])
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    print(f"{'':>10}{'workbench':>12}{'httpx':>12}{'ratio':>8}{'httpx and reader':>18}{'ratio':>8}")
    with running_stack() as stack:
        for processes in asked.processes:
            print(measure(stack, asked.pages, processes), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
