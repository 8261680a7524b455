"""System checks: what can be misconfigured says so before a reader does."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security, deploy=True)
def check_editor(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Say that the bundled CKEditor 4 is out of support."""
    return [
        Warning(
            "The editor of the article form is CKEditor 4.22, which its makers no longer mend.",
            hint="Bodies are sanitised on the server whatever the editor sends; docs/security.md says more.",
            id="newsroom.W001",
        )
    ]


@register(Tags.security, deploy=True)
def check_mode(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Say that a site without SECRET_KEY answers this machine only."""
    if not settings.LOCAL:
        return []
    return [
        Warning(
            "SECRET_KEY is not set: only loopback hosts are answered.",
            hint="Set SECRET_KEY and BASE_URL to put the site on the network.",
            id="newsroom.W002",
        )
    ]


@register()
def check_theme(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Refuse a THEME_DIR that is not there."""
    if settings.THEME_DIR is None or settings.THEME_DIR.is_dir():
        return []
    return [
        Error(
            f"THEME_DIR names {settings.THEME_DIR}, which is not a folder.",
            hint="It holds templates/ and static/; leave it unset to use the look that comes with Newsroom.",
            id="newsroom.E001",
        )
    ]
