"""The supervisor stops everything it started, starts again what ended, and gives up on what never works."""

import os
import signal
import sys
from pathlib import Path

import pytest

from factcheck import supervisor
from factcheck.supervisor import Program, Supervisor

SLEEP = "import time; time.sleep(600)"


@pytest.fixture(autouse=True)
def _restore_signals() -> object:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def _program(name: str, code: str, stops: int = 1) -> Program:
    return Program(name, [sys.executable, "-c", code], stops)


def _alive(pid: int) -> bool:
    # A process that ended but that init has not yet collected still has a number; it has no command line.
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_a_signal_stops_every_program_and_its_children(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    note = tmp_path / "child"
    family = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {SLEEP!r}])\n"
        f"open({str(note)!r} + '.new', 'w').write(str(child.pid))\n"
        f"import os; os.rename({str(note)!r} + '.new', {str(note)!r})\n"
        "time.sleep(600)"
    )
    running = Supervisor([_program("family", family), _program("one", SLEEP, 2)], tmp_path, os.environ)

    def stop_when_all_are_there() -> None:
        if note.exists():
            os.kill(os.getpid(), number)

    assert running.run(stop_when_all_are_there) == status
    assert not _alive(int(note.read_text()))
    assert all(each.process is None or each.process.returncode is not None for each in running.running)


def test_programs_stop_in_their_order(tmp_path: Path) -> None:
    said = tmp_path / "said"
    told = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        f"    open({str(said)!r}, 'a').write(sys.argv[1]); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        f"open({str(tmp_path)!r} + '/up-' + sys.argv[1], 'w')\n"
        "time.sleep(600)"
    )
    programs = [
        Program(name, [sys.executable, "-c", told, name], stops) for name, stops in (("a", 2), ("b", 1))
    ]

    def stop_when_both_are_up() -> None:
        if {path.name for path in tmp_path.glob("up-*")} == {"up-a", "up-b"}:
            os.kill(os.getpid(), signal.SIGINT)

    Supervisor(programs, tmp_path, os.environ).run(stop_when_both_are_up)
    assert said.read_text() == "ba"


def test_a_program_that_ended_is_started_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    running = Supervisor([_program("one", SLEEP)], tmp_path, os.environ)
    pids: set[int] = set()

    def kill_the_first() -> None:
        process = running.running[0].process
        if process is None:
            return
        if not pids:
            os.kill(process.pid, signal.SIGKILL)
        pids.add(process.pid)
        if len(pids) == 2:
            os.kill(os.getpid(), signal.SIGINT)

    assert running.run(kill_the_first) == 0
    assert "one ended (status -9); it is started again" in capsys.readouterr().out


def test_a_program_that_never_works_ends_the_run_with_its_last_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "TOO_OFTEN", 2)
    broken = _program("one", "import sys; sys.exit('no such thing')")
    other = _program("two", SLEEP)
    running = Supervisor([broken, other], tmp_path, os.environ)
    assert running.run(lambda: None) == 1
    assert "no such thing" in capsys.readouterr().out
    assert running.running[1].process is not None
    assert running.running[1].process.returncode is not None
