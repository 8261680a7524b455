"""Breaking news above every page of a language."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied

from newsroom.models import Banner, Site
from newsroom.verbs import verb

# A banner stands above a front page and every other: who arranges the one sets the other.
ARRANGE = "articles.arrange_front"


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
    """Set the banner of a language, or take it away by an empty text.

    Raises ValidationError for a banner without an end, or one that ends before it begins, PermissionDenied if `by` may
    not arrange this front page.
    """
    if by is not None and language not in by.languages_with(ARRANGE, [language]):
        raise PermissionDenied
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
