"""Settings of Newsroom: one file for every environment, read top to bottom.

What differs from place to place comes from the environment (or a file named `.env` beside manage.py);
`docs/settings.md` lists every name. Without any of them a fresh clone runs on loopback with SQLite.
"""

import logging
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

from articles.editor import CKEDITOR_CONFIGS  # noqa: F401  (django-ckeditor reads it here)
from newsroom.secret import secret_in
from newsroom.storage import add_headers

BASE_DIR = Path(__file__).resolve().parent.parent
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]

env = Env()
env.read_env(str(BASE_DIR / ".env"), recurse=False)

try:
    # Where everything lives that the running site writes: database, uploads, stored pages, secrets.
    VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var"))).resolve()
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    # Templates and static files found here win over ours: a look of one's own without a fork.
    THEME_DIR = Path(env.str("THEME_DIR")).resolve() if env.str("THEME_DIR", "") else None

    DEBUG = env.bool("DEBUG", False)
    SECRET_KEY = env.str("SECRET_KEY", "")
    BASE_URL = env.str("BASE_URL", "").rstrip("/")
    PORT = env.int("PORT", 8000)
    ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [])
    DATABASES = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{VAR_DIR}/newsroom.sqlite3")}
    CACHES = {"default": env.dj_cache_url("CACHE_URL", "locmem://")}
    EMAIL = env.dj_email_url("EMAIL_URL", "dummy://")
    if "EMAIL_BACKEND" not in EMAIL:
        raise ValueError("EMAIL_URL begins with submission:// (STARTTLS) or smtp://")
    DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "newsroom@localhost")
    # How many proxies of ours stand in front; each adds one entry to X-Forwarded-For. See newsroom/client.py.
    PROXY_HOPS = env.int("PROXY_HOPS", 0)
    HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", False)
    HSTS_PRELOAD = env.bool("HSTS_PRELOAD", False)
    # Where ready pages are kept; newsroom.pages.NullStore keeps none.
    PAGES_STORE = env.str("PAGES_STORE", "newsroom.pages.files.FileStore")
    PAGES_DIR = Path(env.str("PAGES_DIR", str(VAR_DIR / "pages"))).resolve()
    PAGES_MAX_BYTES = env.int("PAGES_MAX_BYTES", 500_000_000)
    # Of a document in the library; more than newsroom/uploads.py takes in is never kept.
    DOCUMENT_MAX_BYTES = env.int("DOCUMENT_MAX_BYTES", 25_000_000)
    # Off only where one program sends all comments: a measurement, an import. Then no limit counts anything.
    COMMENT_LIMITS = env.bool("COMMENT_LIMITS", True)
    # Dotted paths of programs that score comments (comments/rules/scores.py).
    COMMENT_SCORERS: list[str] = env.list("COMMENT_SCORERS", [])
    # Whether the numbers of the queue tell who decided how often.
    COMMENT_NUMBERS_BY_PERSON = env.bool("COMMENT_NUMBERS_BY_PERSON", False)
    LOG_LEVEL = env.log_level("LOG_LEVEL", logging.INFO)
except (EnvError, ValueError, OSError) as error:
    raise ImproperlyConfigured(f"A setting cannot be used: {error}") from error

# Modes. On loopback nothing needs to be set; any other host needs a key, an address and TLS of its own.
LOCAL = not SECRET_KEY
if LOCAL:
    if outside := [host for host in ALLOWED_HOSTS if host not in LOOPBACK]:
        raise ImproperlyConfigured(
            f"ALLOWED_HOSTS names {', '.join(outside)}, but SECRET_KEY is not set. "
            "Set SECRET_KEY and BASE_URL to answer other hosts than this machine's own."
        )
    SECRET_KEY = secret_in(VAR_DIR / "secret-key")
    ALLOWED_HOSTS = LOOPBACK
    BASE_URL = BASE_URL or f"http://127.0.0.1:{PORT}"
else:
    if len(SECRET_KEY) < 50 or SECRET_KEY.startswith("django-insecure-"):
        raise ImproperlyConfigured("SECRET_KEY is an example or too short: use 50 random characters or more.")
    if not BASE_URL:
        raise ImproperlyConfigured("BASE_URL is not set: it is the address that readers use, https://…")
    ALLOWED_HOSTS = ALLOWED_HOSTS or [urlsplit(BASE_URL).hostname or ""]

if urlsplit(BASE_URL).scheme not in {"http", "https"} or not urlsplit(BASE_URL).hostname:
    raise ImproperlyConfigured(
        f"BASE_URL is {BASE_URL!r}: it must begin with https:// (or http://) and a host."
    )
HTTPS = BASE_URL.startswith("https://")
if not HTTPS and urlsplit(BASE_URL).hostname not in {host.strip("[]") for host in LOOPBACK}:
    raise ImproperlyConfigured(f"BASE_URL is {BASE_URL}: other hosts than this machine's own need https.")

INSTALLED_APPS = [
    "newsroom",
    "articles",
    "comments",
    "taggit",
    "ckeditor",
    "newsroom.apps.NewsroomAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "newsroom.apps.NewsroomStaticFilesConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "newsroom.middleware.CompressMiddleware",
    "newsroom.middleware.PolicyMiddleware",
    "newsroom.middleware.AskAgainMiddleware",
    "newsroom.middleware.NoCookiesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "newsroom.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "articles.due.DueMiddleware",
]

ROOT_URLCONF = "newsroom.urls"
WSGI_APPLICATION = "newsroom.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [*([THEME_DIR / "templates"] if THEME_DIR else []), BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "newsroom.context.site",
            ],
        },
    },
]

# Database. SQLite as it must be for several processes: readers never wait for writers (WAL), what was
# acknowledged survives a power cut (FULL), a writer takes the lock when it begins and not half-way (IMMEDIATE).
# And writers stand in line instead of trying their luck.
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["ENGINE"] = "newsroom.sqlite"
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    # One that the server has ended meanwhile is noticed and opened anew.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# A connection is kept for a minute: opening one costs more than what a page asks of it, and the last one that SQLite
# closes writes everything back into the database.
DATABASES["default"]["CONN_MAX_AGE"] = 60
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Accounts
AUTH_USER_MODEL = "articles.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
# Where a login leads whose `next` is not ours.
LOGIN_REDIRECT_URL = "admin:index"

# Languages of the interface. Which languages the site publishes in is set in the admin, under "Site".
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Files
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [*([THEME_DIR / "static"] if THEME_DIR else []), BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "newsroom.storage.StaticStorage"},
}
# CKEditor finds its plugins by unhashed path, so those files stay beside the hashed ones.
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
# Before the first `collectstatic`, `manage.py runserver` on this machine serves the files where they lie.
WHITENOISE_USE_FINDERS = DEBUG or (LOCAL and not STATIC_ROOT.is_dir())
WHITENOISE_ADD_HEADERS_FUNCTION = add_headers
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["jpg", "jpeg", "png", "gif", "webp", "avif", "woff2", "gz", "md"]

# Limits on what a request may carry; a form field's own limit stands at the field.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_HANDLERS = [
    "newsroom.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Mail
EMAIL_BACKEND = EMAIL["EMAIL_BACKEND"]
EMAIL_HOST = EMAIL["EMAIL_HOST"]
EMAIL_PORT = EMAIL["EMAIL_PORT"]
EMAIL_HOST_USER = EMAIL["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = EMAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = EMAIL["EMAIL_USE_TLS"]
EMAIL_USE_SSL = EMAIL["EMAIL_USE_SSL"]
# Seconds that a mail server may say nothing: the background process waits for it, and with it all that is due.
EMAIL_TIMEOUT = EMAIL["EMAIL_TIMEOUT"] or 15

# What browsers are told. Pages with the editor get a little more, in articles/admin/; nothing else does.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "base-uri": [NONE],
    },
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = HTTPS
# A balancer asks for these by plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and HSTS_INCLUDE_SUBDOMAINS
SECURE_HSTS_PRELOAD = HTTPS and HSTS_PRELOAD
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXY_HOPS else None
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
# In the admin, what was typed into a form with an old token is kept.
CSRF_FAILURE_VIEW = "newsroom.admin_site.csrf_failure"

# The page cache in front of Django (docs/pages.md).
# Parameters that name another page, and what they may hold; all others name none.
PAGES_PARAMETERS = {"before": r"[1-9][0-9]{0,18}", "sent": ""}
# Addresses that never ask the store: for one person, for one moment, a question, or files.
PAGES_NEVER_STORED = (
    r"/(?:$|admin/|static/|media/(?!photos/)|healthz$|readyz$|metrics$|preview/|[^/]+/search/"
    r"|comments/(?:own|as|confirm|unsubscribe)/)"
)
# A function that yields the paths which `manage.py pages warm` stores, given how many articles are to be among them.
PAGES_WARM = "articles.warm.addresses"

# What the admin opens on: functions that are given the request and return what waits (newsroom/desk.py).
DESK_SHEETS = ["articles.admin.desk.sheets", "comments.desk.sheets"]

# Who is asked again before a mail is sent: app -> dotted path of a function, see newsroom/mail.py.
MAIL_WRITERS = {"comments": "comments.telling.said_now"}

# What the background process does: dotted path of a function -> seconds from one run to the next.
WORK_JOBS: dict[str, float] = {
    "articles.jobs.publish_due": 1,
    "articles.jobs.make_renditions": 5,
    "newsroom.mail.send_due": 10,
    "comments.jobs.forget_addresses": 3600,
    "articles.redirects.forget_missed": 3600,
    "articles.jobs.forget_draft_links": 3600,
    "articles.jobs.forget_sittings": 3600,
}

SILENCED_SYSTEM_CHECKS = [
    # The CKEditor 4 bundled with django-ckeditor is out of support; what that means and what we do about it
    # stands in docs/security.md, and our own check newsroom.W001 says it under `check --deploy`.
    "ckeditor.W001",
    # Subdomains and the preload list are the owner's decision: HSTS_INCLUDE_SUBDOMAINS, HSTS_PRELOAD.
    "security.W005",
    "security.W021",
]

TAGGIT_CASE_INSENSITIVE = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "newsroom.logs.LineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": ["console"], "level": LOG_LEVEL, "propagate": False},
        # What strangers type gives 404s and refused hosts by the thousand; they are in the access log.
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
