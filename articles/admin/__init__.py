"""The admin of the newsroom, a module per subject; importing it registers everything."""

from articles.admin import accounts, articles, front, log, photos, site, taxonomy  # noqa: F401
