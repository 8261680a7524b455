"""Breaking news above every page of a language."""

from datetime import datetime
from typing import Any

from newsroom.models import Banner, Site
from newsroom.verbs import verb


def set_banner(
    site: Site,
    language: str,
    *,
    by: Any,
    text: str,
    address: str = "",
    begins: datetime | None = None,
    ends: datetime | None = None,
) -> None:
    """Set the banner of a language, or take it away by an empty text; who may is asked by the caller.

    Raises ValidationError for a banner without an end, or one that ends before it begins.
    """
    if site._state.adding:
        site.save()
    row = Banner.objects.filter(site=site, language=language).first() or Banner(site=site, language=language)
    before = (row.banner, row.banner_address, row.banner_from, row.banner_until)
    after = (text, address, begins, ends) if text else ("", "", None, None)
    with verb("banner.set", by=by, language=language, shown=bool(text)) as act:
        if before == after:
            return act.nothing()
        row.banner, row.banner_address, row.banner_from, row.banner_until = after
        row.full_clean()
        row.save()
        act.on = row
        act.purge(*site.page_keys())
