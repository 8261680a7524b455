"""Prepare the folder that Newsroom runs from: a virtual environment with the pinned packages.

`make` runs this file before anything is installed (`python3 -I newsroom/environment.py LOCK…`), so it imports the
standard library only. Whatever can go wrong on somebody's machine ends in one sentence that says what to do.
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
# Packages, their unpacked copies while pip works, and a first database.
ROOM_NEEDED = 400_000_000

# What pip writes when something is wrong, and what to do about it. The first that fits is told.
PIP_TROUBLE = (
    (
        ("No space left on device", "Disk quota exceeded"),
        "The disk is full. Make room (about 400 MB) and run the same command again.",
    ),
    (
        ("Permission denied", "Read-only file system"),
        "The packages cannot be written below {venv}. Give yourself the right to write there.",
    ),
    (
        ("DO NOT MATCH THE HASHES", "do not match the hashes"),
        "A package that was downloaded is not the one that the lock names, so nothing was installed. "
        "Try again; if it stays so, look at the package index that pip is set to use (pip config list).",
    ),
    (
        (
            "NewConnectionError",
            "Failed to establish a new connection",
            "Name or service not known",
            "name resolution",
            "ConnectTimeoutError",
            "ReadTimeoutError",
            "ProxyError",
            "Could not fetch URL",
            "Network is unreachable",
            "No matching distribution",
            "Could not find a version",
        ),
        "The packages could not be downloaded. Check the connection to the network (and pip's proxy, if there is "
        "one), then run the same command again.",
    ),
)


class Trouble(Exception):
    """Something that only the user can put right; the text says how."""


def check_python() -> None:
    """Refuse a Python that is too old, or one without what makes virtual environments."""
    if sys.version_info < OLDEST:
        raise Trouble(
            "Newsroom needs Python {}.{} or newer, and this is {}.{}. Install one, or name it: "
            "make PYTHON=/path/to/python3.12 run".format(*OLDEST, *sys.version_info)
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Trouble(
            "This Python cannot make virtual environments. Install its venv module "
            "(Debian and Ubuntu: apt install python{}.{}-venv) and run the same command again.".format(
                *sys.version_info
            )
        ) from None


def check_port(text: str) -> int:
    """Return the port that `text` names. Raises Trouble if nobody can listen there on loopback."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise Trouble(f"PORT is {text!r}: it must be a number from 1 to 65535.")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise Trouble(
                f"Port {port} is for root only. Choose one above 1023: make run PORT=8000"
            ) from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise Trouble(f"Port {port} cannot be used: {error.strerror}.") from None
            raise Trouble(
                f"Port {port} is taken by another program. Stop that one, or choose another port: "
                f"make run PORT={port + 1 if port < 65535 else 8000}"
            ) from None
    return port


def check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be written."""
    folder = folder if folder.exists() else folder.parent
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Trouble(
            f"The folder {folder} cannot be written. Give yourself the right to, or copy it elsewhere."
        )


def check_room(folder: Path, needed: int = ROOM_NEEDED) -> None:
    """Refuse a disk with less than `needed` bytes left."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Trouble(
            f"The disk of {folder} has {free // 1_000_000} MB left, and {needed // 1_000_000} MB are needed. "
            "Make room and run the same command again."
        )


def digest_of(lock: Path, python: str) -> str:
    """Return what tells whether a lock is installed as it stands, for this version of Python."""
    return hashlib.sha256(python.encode() + b"\0" + lock.read_bytes()).hexdigest()


def python_of(venv: Path) -> str:
    """Return the version of an environment's Python ("3.11.2"), "" if it has none that runs."""
    try:
        answer = subprocess.run(
            [venv / "bin" / "python", "-I", "-c", "import pip, platform; print(platform.python_version())"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return answer.stdout.strip()


def make_venv(venv: Path) -> None:
    """Make the virtual environment, in place of one that does not run."""
    print("Making the virtual environment .venv …", flush=True)
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", venv], capture_output=True, text=True, check=False
    )
    if made.returncode:
        said = (made.stdout + made.stderr).strip()
        raise Trouble(f"The virtual environment could not be made: {said.splitlines()[-1] if said else '?'}")


def install(lock: Path, venv: Path) -> None:
    """Install what a lock names, by its hashes."""
    print(f"Installing the packages of {lock.name} …", flush=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--require-hashes", "-r", str(lock)]
    options = ["--disable-pip-version-check", "--no-input", "--retries", "2", "--progress-bar", "off"]
    run = subprocess.run([*pip, *options], capture_output=True, text=True, check=False)
    if run.returncode == 0:
        return
    said = run.stdout + run.stderr
    report = venv / "install.log"
    try:
        report.write_text(said, encoding="utf-8")
    except OSError:
        report = Path("?")
    for signs, advice in PIP_TROUBLE:
        if any(sign in said for sign in signs):
            raise Trouble(f"{advice.format(venv=venv)} What pip said is in {report}.")
    lines = [line for line in said.splitlines() if line.strip()]
    raise Trouble(
        f"The packages could not be installed: {lines[-1] if lines else '?'} All of it is in {report}."
    )


def prepare(locks: list[Path], venv: Path = VENV) -> None:
    """Make `venv` hold what the locks name; quick when it does already."""
    python = python_of(venv)
    oldest = "{}.{}".format(*OLDEST)
    usable = bool(python) and tuple(map(int, python.split(".")[:2])) >= OLDEST
    stamps = {lock: venv / f"{lock.stem}.installed" for lock in locks}
    if usable and all(read(stamp) == digest_of(lock, python) for lock, stamp in stamps.items()):
        return
    check_folder(venv)
    check_room(venv.parent)
    if not usable:
        if python:
            print(f"The environment .venv has Python {python}; {oldest} or newer is needed.", flush=True)
        make_venv(venv)
        python = python_of(venv)
    for lock, stamp in stamps.items():
        if read(stamp) != digest_of(lock, python):
            install(lock, venv)
            stamp.write_text(digest_of(lock, python), encoding="ascii")


def read(stamp: Path) -> str:
    """Return what a stamp says, "" if there is none."""
    try:
        return stamp.read_text(encoding="ascii")
    except OSError:
        return ""


def main() -> None:
    """Prepare the environment that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", action="store_true", help="check first that PORT (8000) is free")
    parser.add_argument("locks", nargs="+", type=Path)
    options = parser.parse_args()
    # An exception, so that pip is ended too and does not go on by itself.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped. The same command goes on from here."))
    try:
        check_python()
        if options.port:
            check_port(os.environ.get("PORT") or "8000")
        locks = [ROOT / lock for lock in options.locks]
        # The driver of PostgreSQL is not needed, and not installed, unless the site is to run on it.
        if os.environ.get("DATABASE_URL", "").startswith(("postgres", "pgsql")):
            locks.append(ROOT / "requirements-postgres.txt")
        prepare(locks)
    except Trouble as trouble:
        sys.exit(str(trouble))
    except KeyboardInterrupt:
        sys.exit("Stopped. The same command goes on from here.")
    except OSError as error:
        if error.errno == errno.ENOSPC:
            sys.exit("The disk is full. Make room (about 400 MB) and run the same command again.")
        sys.exit(f"{error.filename or ROOT}: {error.strerror or error}")


if __name__ == "__main__":
    main()
