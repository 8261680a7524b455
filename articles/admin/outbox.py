"""Mails that wait for the mail server: to be looked at, tried again or deleted."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.base import VerbAdmin
from articles.templatetags.desk import when
from newsroom.mail import is_set_up, try_again
from newsroom.models import Mail


@admin.register(Mail)
class MailAdmin(VerbAdmin):
    """The outbox."""

    verb_name = "mail"
    list_display = ("subject", "to", "written", "tries", "next_try", "error")
    ordering = ("-pk",)
    sortable_by = ()
    actions = ("try_again",)
    fields = readonly_fields = ("to", "subject", "text", "written", "tries", "next_try", "error")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Verbs write mails."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Mail | None = None) -> bool:
        """What waits is not rewritten."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        """Show the list; say why nothing goes out where no mail server is set."""
        if not is_set_up() and request.method == "GET":
            messages.warning(request, _("No mail server is set (EMAIL_URL): mails wait here until one is."))
        return super().changelist_view(request, extra_context)

    @admin.action(description=gettext_lazy("Try again now"), permissions=["delete"])
    def try_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Make mails due at once."""
        try_again(queryset, by=request.user)
        messages.success(request, _("The background process sends them within seconds."))

    @admin.display(description=gettext_lazy("written"))
    def written(self, mail: Mail) -> str:
        """Return when it was written, on the site's clocks."""
        return when(mail.created_at)

    @admin.display(description=gettext_lazy("next try"))
    def next_try(self, mail: Mail) -> str:
        """Return when it is tried next; a mail that was tried in vain too often waits for a person."""
        return when(mail.due_at) if mail.due_at else _("none by itself")
