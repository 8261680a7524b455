"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from newsroom.models import Site


def site(request: HttpRequest) -> dict[str, Any]:
    """Give templates `site` (read from the database only where it is used) and `base_url`."""
    return {"site": SimpleLazyObject(lambda: Site.of(request)), "base_url": settings.BASE_URL}
