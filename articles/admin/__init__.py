"""The admin of the newsroom, a module per subject; importing it registers everything."""

from articles.admin import accounts, articles, front, log, mistakes, outbox, photos, redirects, site, taxonomy  # noqa: F401
