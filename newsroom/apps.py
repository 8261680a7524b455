"""The project as an app of its own: site settings, the log, commands and checks."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.contrib.staticfiles import apps as staticfiles_apps

# Parts of CKEditor that our toolbar never loads: a thousand files that nobody needs to copy and serve.
UNUSED_BY_EDITOR = (
    *("about", "adobeair", "autoembed", "bbcode", "codesnippet", "codesnippetgeshi", "colordialog"),
    *("copyformatting", "devtools", "docprops", "embed", "embedbase", "embedsemantic", "exportpdf"),
    *("flash", "forms", "iframe", "iframedialog", "image", "mathjax", "placeholder", "preview", "scayt"),
    *("smiley", "sourcedialog", "templates", "uicolor", "uploadimage", "uploadwidget", "wsc"),
)


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


class NewsroomStaticFilesConfig(staticfiles_apps.StaticFilesConfig):
    """Django's static files without what nobody asks for."""

    default = False
    ignore_patterns = (
        *staticfiles_apps.StaticFilesConfig.ignore_patterns,
        *(f"ckeditor/ckeditor/plugins/{name}/*" for name in UNUSED_BY_EDITOR),
        "ckeditor/galleriffic/*",
        "ckeditor/file-icons/*",
    )
