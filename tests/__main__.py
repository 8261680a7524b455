"""Run the tests on SQLite, then on PostgreSQL if one answers: what `make test` and `make test-all` call.

Arguments go to pytest; `--long` runs the heavy tests only, at full length, what `make test` left for later, and on
PostgreSQL what asks no database for its kind. TEST_POSTGRES_URL names the server (any
database on it; the tests make and drop their own). With CI set, a missing server fails the run.
"""

import os
import subprocess
import sys
import time

import psycopg

# What is tried where TEST_POSTGRES_URL is not set: loopback, and the socket under the user's own name.
POSTGRES_URLS = ("postgres://postgres@127.0.0.1:5432/postgres", "postgres:///postgres")
NO_TESTS = 5  # pytest's exit code for "nothing matched", which a filter may bring about


def answering(urls: tuple[str, ...]) -> str:
    """Return the first address at which PostgreSQL lets us make databases, "" if none does."""
    for url in urls:
        try:
            with psycopg.connect(
                url.replace("postgres://", "postgresql://"), connect_timeout=3
            ) as connection:
                row = connection.execute(
                    "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
                ).fetchone()
                if row and row[0]:
                    return url
        except psycopg.Error:
            continue
    return ""


def run(name: str, arguments: list[str], **environ: str) -> bool:
    """Run pytest on one database; return whether all went well."""
    print(f"\n=== {name} ===", flush=True)
    began = time.monotonic()
    workers = [] if any(argument.startswith("-n") for argument in arguments) else ["-n", "2"]
    code = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--durations=25", *workers, *arguments],
        env={**os.environ, **environ},
    ).returncode
    print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    return code in (0, NO_TESTS)


def main() -> None:
    """Run the suite on both databases."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--long"]
    environ = {}
    first, second = ["-m", "not later"], ["-m", "not later and not postgresql_later"]
    if "--long" in sys.argv:
        first, second = ["-m", "long or later"], ["-m", "long or later or postgresql_later"]
        environ["LONG"] = "1"
        # They are few and some take minutes: whoever is free takes the next one.
        arguments += ["--maxschedchunk", "1"]
    os.environ.pop("DATABASE_URL", None)
    # Else each of the many processes that tests start would compile every module anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

    well = run("SQLite", [*first, *arguments], **environ)
    named = os.environ.get("TEST_POSTGRES_URL")
    if url := answering((named,) if named else POSTGRES_URLS):
        second_run = {"DATABASE_URL": url, "TEST_SECOND_DATABASE": "1", **environ}
        well &= run("PostgreSQL", [*second, *arguments], **second_run)
    elif named or os.environ.get("CI"):
        sys.exit("PostgreSQL does not answer, or lets us make no database. Set TEST_POSTGRES_URL.")
    else:
        print("\nPostgreSQL: SKIPPED, none answers here. Set TEST_POSTGRES_URL to test on one.")
    sys.exit(not well)


if __name__ == "__main__":
    main()
