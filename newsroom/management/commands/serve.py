"""Bring database and files up to date, then serve: what `make run` and `make dev` call."""

import hashlib
import inspect
import json
import os
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from newsroom.apps import NewsroomStaticFilesConfig
from newsroom.environment import Trouble, check_folder, check_port, check_room
from newsroom.storage import StaticStorage

# A database, the static files and a few photos.
ROOM_NEEDED = 50_000_000


class Command(BaseCommand):
    """Bring database and files up to date, then serve."""

    help = "Bring database and static files up to date, then serve this machine on 127.0.0.1:PORT."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what kind of run this is."""
        parser.add_argument(
            "--demo", action="store_true", help="load the sample content and make a login for each role, once"
        )
        parser.add_argument(
            "--reload",
            action="store_true",
            help="serve with Django's runserver, for work on code and templates",
        )

    def handle(self, *args: Any, demo: bool, reload: bool, **options: Any) -> None:
        """Prepare, tell the addresses, and become the server."""
        try:
            check_port(str(settings.PORT))
            check_folder(settings.VAR_DIR)
            check_room(settings.VAR_DIR, ROOM_NEEDED)
            self.migrate()
            if demo:
                self.load_demo()
            if not reload:
                self.collect_static()
        except Trouble as trouble:
            raise CommandError(str(trouble)) from trouble
        except DatabaseError as error:
            raise CommandError(
                f"The database cannot be used: {str(error).strip()}. Look at DATABASE_URL "
                f"(unset, it is SQLite in {settings.VAR_DIR}), then run the same command again."
            ) from error
        except OSError as error:
            raise CommandError(f"{error.filename or settings.VAR_DIR}: {error.strerror or error}") from error
        self.tell(demo)
        connection.close()
        self.stdout.flush()
        if reload:
            self.become_runserver()
        self.become_gunicorn()

    def migrate(self) -> None:
        """Bring the database up to date, if it is not."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Bringing the database up to date …")
            call_command("migrate", verbosity=0, interactive=False)

    def load_demo(self) -> None:
        """Load the sample content and make the demo logins, each once."""
        if not settings.LOCAL:
            self.stdout.write(
                "SECRET_KEY is set, so this may be a public site: no sample content, no demo logins."
            )
            return
        # The accounts first: some of the sample content is theirs.
        call_command("demo_logins")
        call_command("seed")

    def collect_static(self) -> None:
        """Collect the static files, if one of them has changed since the last time."""
        stamp = settings.VAR_DIR / "static.stamp"
        digest = static_digest()
        if stamp.exists() and stamp.read_text(encoding="ascii") == digest and settings.STATIC_ROOT.is_dir():
            return
        self.stdout.write("Collecting static files …")
        stamp.unlink(missing_ok=True)
        call_command("collectstatic", verbosity=0, interactive=False)
        stamp.write_text(digest, encoding="ascii")

    def tell(self, demo: bool) -> None:
        """Print where the site is and who may log in."""
        address = f"http://127.0.0.1:{settings.PORT}"
        self.stdout.write(f"\nNewsroom  {address}/\nAdmin     {address}/admin/")
        logins = settings.VAR_DIR / "demo-logins.json"
        if demo and settings.LOCAL and logins.exists():
            self.stdout.write(f"\nDemo logins, also in {logins}:")
            for login in json.loads(logins.read_text(encoding="utf-8")).values():
                self.stdout.write(f"  {login['username']:<12} {login['password']}")
        self.stdout.write("\nCtrl-C stops it.\n")

    def become_gunicorn(self) -> None:
        """Replace this process by gunicorn, which starts the background process too."""
        config = str(settings.BASE_DIR / "gunicorn.conf.py")
        environ = {**os.environ, "PORT": str(settings.PORT)}
        os.execve(sys.executable, [sys.executable, "-m", "gunicorn", "--config", config], environ)

    def become_runserver(self) -> None:
        """Replace this process by Django's runserver, with a background process that ends with it."""
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        subprocess.Popen([*manage, "work", "--parent", str(os.getpid())])
        os.execv(sys.executable, [*manage, "runserver", f"127.0.0.1:{settings.PORT}"])


def static_digest() -> str:
    """Return what tells whether the static files, or the way they are collected, have changed."""
    digest = hashlib.sha256(inspect.getsource(StaticStorage).encode())
    for finder in get_finders():
        for name, storage in finder.list(list(NewsroomStaticFilesConfig.ignore_patterns)):
            stat = os.stat(storage.path(name))
            digest.update(f"{storage.path(name)}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
