"""The project as an app of its own: site settings, the log, commands and checks."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class NewsroomConfig(AppConfig):
    """Settings of the site, the log, and what those who run it need."""

    default = True
    name = "newsroom"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        from newsroom import checks  # noqa: F401


class NewsroomAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our name and index."""

    default = False
    default_site = "newsroom.admin_site.NewsroomAdminSite"
