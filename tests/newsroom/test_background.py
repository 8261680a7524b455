"""The keeper of the background process: it starts it, starts it again, stops it, and never leaves it behind."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newsroom import serving
from newsroom.serving import Background


def eventually(question: Callable[[], object], seconds: float = 60) -> object:
    """Return the answer to a question as soon as it is yes; fail when it is not within `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := question():
            return answer
        time.sleep(0.01)
    pytest.fail(f"not within {seconds} s")
    return None


@pytest.fixture(autouse=True)
def quick_and_without_trace(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(serving, "LOOK_EVERY", 0.05)
    handler = signal.getsignal(signal.SIGALRM)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, handler)


@pytest.fixture
def process(tmp_path: Path) -> list[str]:
    """Return the command of a process that writes its id on a line and waits; SIGTERM ends it."""
    code = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit())\n"
        f"open({str(tmp_path / 'ids')!r}, 'a').write(f'{{os.getpid()}}\\n')\n"
        "signal.pause()\n"
    )
    return [sys.executable, "-I", "-c", code]


def ids(folder: Path) -> list[int]:
    path = folder / "ids"
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_is_started_again_after_a_kill_and_stopped_at_the_end(tmp_path: Path, process: list[str]) -> None:
    background = Background(command=process, pause=0)
    background.start()
    try:
        eventually(lambda: len(ids(tmp_path)) == 1)
        os.kill(ids(tmp_path)[0], signal.SIGKILL)
        eventually(lambda: len(ids(tmp_path)) == 2)
    finally:
        background.stop()
    assert not is_alive(ids(tmp_path)[1])
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_a_reload_gives_it_the_new_code(tmp_path: Path, process: list[str]) -> None:
    background = Background(command=process, pause=0)
    background.start()
    try:
        eventually(lambda: len(ids(tmp_path)) == 1)
        background.reload()
        eventually(lambda: len(ids(tmp_path)) == 2)
        first, second = ids(tmp_path)
        assert not is_alive(first)
        assert is_alive(second)
    finally:
        background.stop()


def test_what_does_not_stop_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "GRACE", 0.2)
    code = (
        "import os, signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"open({str(tmp_path / 'ids')!r}, 'a').write(f'{{os.getpid()}}\\n')\n"
        "while True: signal.pause()\n"
    )
    background = Background(command=[sys.executable, "-I", "-c", code])
    background.start()
    eventually(lambda: ids(tmp_path))
    background.stop()
    assert not is_alive(ids(tmp_path)[0])


def test_what_ends_at_once_is_not_started_in_a_loop(tmp_path: Path) -> None:
    code = f"open({str(tmp_path / 'ids')!r}, 'a').write('1\\n')"
    background = Background(command=[sys.executable, "-I", "-c", code], pause=60)
    background.start()
    eventually(lambda: ids(tmp_path))
    eventually(lambda: not background.is_running())
    background.look()
    assert not background.is_running()
    background.stop()
    assert ids(tmp_path) == [1]


def test_a_fork_of_the_master_starts_nothing(process: list[str]) -> None:
    background = Background(command=process, pause=0)
    background.master += 1
    background.look()
    assert not background.is_running()


def test_a_command_that_is_not_there_stops_nothing(tmp_path: Path) -> None:
    background = Background(command=[str(tmp_path / "nothing")], pause=60)
    background.start()
    assert not background.is_running()
    background.stop()
