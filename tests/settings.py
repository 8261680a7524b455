"""Settings of the tests: the site's own, with a scratch folder, a cheap password hasher and no log lines."""

import os
import tempfile

_scratch = tempfile.TemporaryDirectory(prefix="newsroom-tests-")
# What stands in the environment, or in a file .env, is for the site and not for its tests.
os.environ.update(SECRET_KEY="", BASE_URL="", ALLOWED_HOSTS="", THEME_DIR="", DEBUG="0", PROXY_HOPS="0")
# Tests post many comments from nowhere; those of the limits switch them on.
os.environ.update(COMMENT_LIMITS="0", COMMENT_SCORERS="")
os.environ.update(CACHE_URL="locmem://", EMAIL_URL="dummy://", PORT="8000", VAR_DIR=_scratch.name)
# What tests the page cache makes stores of its own.
os.environ.update(PAGES_STORE="newsroom.pages.NullStore", PAGES_DIR=f"{_scratch.name}/pages")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{_scratch.name}/newsroom.sqlite3")
os.environ.setdefault("LOG_LEVEL", "CRITICAL")

from newsroom.settings import *  # noqa: E402, F403
from newsroom.settings import ALLOWED_HOSTS, DATABASES, STATIC_ROOT  # noqa: E402

# WhiteNoise warns of a folder that is not there, and warnings fail a test.
STATIC_ROOT.mkdir(exist_ok=True)

# Each test client makes the middleware anew, and WhiteNoise would list all static files each time; so it looks for
# a file when it is asked for it.
WHITENOISE_AUTOREFRESH = True

BASE_URL = "http://testserver"
ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
if DATABASES["default"]["ENGINE"] == "newsroom.sqlite":
    # A file, as on a real site: several threads and processes see each other's locks.
    DATABASES["default"]["TEST"] = {"NAME": f"{_scratch.name}/test.sqlite3"}
    # No test cuts the power.
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
elif name := os.environ.get("TEST_DATABASE_NAME"):
    DATABASES["default"]["TEST"] = {"NAME": name}
