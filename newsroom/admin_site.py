"""The admin site: Django's own, with the newsroom's name."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from newsroom.models import Site


class NewsroomAdminSite(admin.AdminSite):
    """Django's admin under the name of the site."""

    index_title = _("Today")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return the context of every admin page, with the site's own name as title."""
        context = super().each_context(request)
        name = Site.of(request).name_in(request.LANGUAGE_CODE)
        return {**context, "site_title": name, "site_header": name}
