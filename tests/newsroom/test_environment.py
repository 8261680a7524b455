"""Each thing that can be wrong with somebody's machine ends in one sentence that says what to do."""

import errno
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsroom import environment
from newsroom.environment import Trouble, check_folder, check_port, check_python, check_room

SCRIPT = Path(environment.__file__)
MAKEFILE = SCRIPT.parent.parent / "Makefile"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_old_python_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    with pytest.raises(Trouble, match=r"needs Python 3\.11 or newer, and this is 3\.10"):
        check_python()


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_python_without_venv_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(Trouble, match=r"apt install python3\.\d+-venv"):
        check_python()


def test_this_python_will_do() -> None:
    check_python()


def test_free_port_is_returned(taken_port: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    assert check_port(str(free)) == free


def test_taken_port_is_named_with_another(taken_port: int) -> None:
    with pytest.raises(Trouble, match=f"Port {taken_port} is taken .* make run PORT="):
        check_port(str(taken_port))


@pytest.mark.parametrize("text", ["", "abc", "0", "65536", "-1", "8000 ", "٨٠٠٠"])
def test_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Trouble, match="from 1 to 65535"):
        check_port(text)


def test_folder_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(Trouble, match="cannot be written"):
        check_folder(tmp_path)


def test_full_disk_is_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 3_000_000))
    with pytest.raises(Trouble, match="has 3 MB left, and 400 MB are needed"):
        environment.prepare([tmp_path / "requirements.txt"], tmp_path / "venv")
    assert not (tmp_path / "venv").exists()
    with pytest.raises(Trouble):
        check_room(tmp_path, 3_000_001)
    check_room(tmp_path, 3_000_000)


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "is full",
        ),
        ("NewConnectionError: Failed to establish a new connection", "Check the connection"),
        ("ERROR: No matching distribution found for nh3==0.3.8", "Check the connection"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "nothing was installed",
        ),
        ("ERROR: Could not install packages: [Errno 13] Permission denied: 'x'", "right to write"),
        ("something nobody foresaw", "something nobody foresaw"),
    ],
)
def test_what_pip_says_becomes_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, advice: str
) -> None:
    monkeypatch.setattr(
        subprocess, "run", lambda *args, **kwargs: subprocess.CompletedProcess(args, 1, "", said)
    )
    with pytest.raises(Trouble, match=advice):
        environment.install(tmp_path / "requirements.txt", tmp_path)
    assert (tmp_path / "install.log").read_text() == said


def test_what_is_installed_is_not_installed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = []
    lock = tmp_path / "requirements.txt"
    lock.write_text("six==1.17.0")
    monkeypatch.setattr(environment, "python_of", lambda venv: "3.11.2" if done else "")
    monkeypatch.setattr(environment, "make_venv", lambda venv: done.append("venv"))
    monkeypatch.setattr(environment, "install", lambda lock, venv: done.append(lock.name))
    for _ in range(2):
        environment.prepare([lock], tmp_path)
    assert done == ["venv", "requirements.txt"]
    lock.write_text("six==1.18.0")
    environment.prepare([lock], tmp_path)
    assert done == ["venv", "requirements.txt", "requirements.txt"]


def test_install_that_failed_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("six==1.17.0")
    monkeypatch.setattr(environment, "python_of", lambda venv: "3.11.2")

    def fail(lock: Path, venv: Path) -> None:
        raise Trouble("no network")

    monkeypatch.setattr(environment, "install", fail)
    for _ in range(2):
        with pytest.raises(Trouble):
            environment.prepare([lock], tmp_path)


def test_environment_of_an_old_python_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = ["3.10.9", "3.12.1"]
    made = []
    monkeypatch.setattr(environment, "python_of", lambda venv: versions.pop(0))
    monkeypatch.setattr(environment, "make_venv", made.append)
    (tmp_path / "r.txt").write_text("")
    monkeypatch.setattr(environment, "install", lambda lock, venv: None)
    environment.prepare([tmp_path / "r.txt"], tmp_path)
    assert made == [tmp_path]


def run_script(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", SCRIPT, *arguments],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], **environ},
    )


def test_taken_port_is_one_line_before_anything_slow(taken_port: int) -> None:
    answer = run_script("--port", "requirements.txt", PORT=str(taken_port))
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"Port {taken_port} is taken")
    assert len(answer.stderr.splitlines()) == 1
    assert answer.stdout == ""


@pytest.mark.later
def test_without_network_one_line_says_so(tmp_path: Path) -> None:
    copy = tmp_path / "newsroom" / "environment.py"
    copy.parent.mkdir()
    shutil.copy(SCRIPT, copy)
    (tmp_path / "requirements.txt").write_text(f"not-there==1.0 --hash=sha256:{'0' * 64}\n")
    python = tmp_path / ".venv" / "bin" / "python"  # an environment that is there already, to be quick
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    with socket.socket() as closed:  # bound and not listening: every connection is refused
        closed.bind(("127.0.0.1", 0))
        index = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
        answer = subprocess.run(
            [sys.executable, "-I", copy, "requirements.txt"],
            capture_output=True,
            text=True,
            env={
                "PATH": os.environ["PATH"],
                "PIP_CONFIG_FILE": os.devnull,
                "PIP_INDEX_URL": index,
                "HOME": str(tmp_path),
            },
        )
    assert answer.returncode == 1
    assert answer.stderr.startswith("The packages could not be downloaded. Check the connection")
    assert len(answer.stderr.splitlines()) == 1
    assert "Traceback" not in answer.stdout


def test_make_finds_no_python_and_says_what_to_do(tmp_path: Path) -> None:
    for name in ("make", "sh", "sed"):
        (tmp_path / name).symlink_to(shutil.which(name) or pytest.fail(f"{name} is missing"))
    answer = subprocess.run(
        ["make", "--file", MAKEFILE, "run"],
        capture_output=True,
        text=True,
        cwd=MAKEFILE.parent,
        env={"PATH": str(tmp_path)},
    )
    assert answer.returncode
    assert answer.stderr.startswith("Newsroom needs Python 3.11 or newer, and none was found.")


def test_disk_that_fills_up_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(locks: list[Path]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(environment, "prepare", fill)
    monkeypatch.setattr(environment.signal, "signal", lambda number, handler: None)
    monkeypatch.setattr(sys, "argv", ["environment.py", "requirements.txt"])
    with pytest.raises(SystemExit, match="The disk is full"):
        environment.main()
