"""Keeps a few programs running in the foreground, and stops all of them, in order, when asked."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from factcheck.embedded.places import open_log

# A request or a short task may end in this time; a longer fetch is done again when its lease has lapsed.
PATIENCE = 5.0
# The kernel takes a moment to end what was killed, and whoever adopts it another to collect it.
LAST_PATIENCE = 1.0
LOOK_EVERY = 0.2
LARGEST_LOG = 10 * 1024 * 1024
# A program that lived this long was fine; one that falls over faster, this often in a row, never will be.
LONG_ENOUGH = 30.0
TOO_OFTEN = 6
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """A command to keep running. Programs with a lower `stops` are stopped first."""

    name: str
    command: Sequence[str]
    stops: int


class Running:
    """A program at work: its process, and when to start the next one after it ended."""

    def __init__(self, program: Program, log: Path, environment: Mapping[str, str]) -> None:
        self.program = program
        self.log = log
        self.environment = environment
        self.process: subprocess.Popen[bytes] | None = None
        self.began = 0.0
        self.quick_ends = 0
        self.next_start = 0.0

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C in the terminal reaches the supervisor alone."""
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        with open_log(self.log) as log:
            self.process = subprocess.Popen(
                self.program.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # Runs between fork and exec; the supervisor has one thread, which makes that safe.
                preexec_fn=_die_with_parent,  # noqa: PLW1509
            )
        self.began = time.monotonic()

    def note_end(self) -> None:
        """Note that it ended. The more often it ended soon after a start, the longer the next start waits."""
        lived = time.monotonic() - self.began
        self.quick_ends = 0 if lived > LONG_ENOUGH else self.quick_ends + 1
        self.next_start = time.monotonic() + min(0.5 * 2**self.quick_ends, 30)
        self.process = None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program and, for SIGKILL, to everything in its session."""
        if self.process is not None and self.process.poll() is None:
            try:
                if number == signal.SIGKILL:
                    os.killpg(self.process.pid, number)
                else:
                    self.process.send_signal(number)
            except ProcessLookupError:
                return

    def wait(self, until: float) -> bool:
        """True when it has ended by `until` (monotonic clock)."""
        if self.process is None:
            return True
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        self._end_session()
        return True

    def _end_session(self) -> None:
        """End what the session still holds, such as the children of a program that was killed itself."""
        if self.process is None:
            return
        until = time.monotonic() + LAST_PATIENCE
        while time.monotonic() < until:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return
            time.sleep(0.01)


class Supervisor:
    """Runs programs until SIGINT or SIGTERM, starting again what ends by itself."""

    def __init__(self, programs: Sequence[Program], logs: Path, environment: Mapping[str, str]) -> None:
        self.running = [Running(program, logs / f"{program.name}.log", environment) for program in programs]
        self._asked_to_stop: signal.Signals | None = None

    def run(self, meanwhile: Callable[[], None]) -> int:
        """Start everything, call `meanwhile` a few times a second, and return the exit status.

        A second signal stops without patience. When it returns, nothing it started is left.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        try:
            for each in self.running:
                each.start()
            while self._asked_to_stop is None:
                broken = self._look_after()
                if broken:
                    return 1
                meanwhile()
                time.sleep(LOOK_EVERY)
        finally:
            self._stop_all()
        return 0 if self._asked_to_stop == signal.SIGINT else 128 + self._asked_to_stop

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        if self._asked_to_stop is not None:
            for each in self.running:
                each.signal(signal.SIGKILL)
        self._asked_to_stop = signal.Signals(number)

    def _look_after(self) -> bool:
        for each in self.running:
            if each.process is not None and each.process.poll() is not None:
                status = each.process.returncode
                each.wait(time.monotonic())
                each.note_end()
                _say(f"{each.program.name} ended (status {status}); it is started again. Log: {each.log}")
                if each.quick_ends >= TOO_OFTEN:
                    _say(f"{each.program.name} ended {TOO_OFTEN} times in a row; giving up. Its last words:")
                    _say("\n".join(each.log.read_text(errors="replace").splitlines()[-15:]))
                    return True
            if each.process is None and time.monotonic() >= each.next_start:
                each.start()
        return False

    def _stop_all(self) -> None:
        for turn in sorted({each.program.stops for each in self.running}):
            group = [each for each in self.running if each.program.stops == turn]
            for number in (signal.SIGTERM, signal.SIGKILL):
                for each in group:
                    each.signal(number)
                until = time.monotonic() + PATIENCE
                if all([each.wait(until) for each in group]):  # noqa: C419 - wait for each, not up to the first
                    break


def _die_with_parent() -> None:
    # A supervisor that is killed outright cannot stop its programs; on Linux the kernel asks them to end.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
