"""The admin of the newsroom, a module per subject; importing it registers everything."""

from articles.admin import (  # noqa: F401
    accounts,
    articles,
    attachments,
    front,
    log,
    mistakes,
    outbox,
    photos,
    redirects,
    site,
    tasks,
    taxonomy,
)
