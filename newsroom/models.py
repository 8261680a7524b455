"""The site's settings, the log of every act, and leases of background work."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import DEFAULT_DB_ALIAS, models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from newsroom import clock
from newsroom.commenting import Commentable, Mode
from newsroom.prepared import Prepared

LANGUAGE_CODE_LENGTH = 12


def validate_language_codes(codes: Any) -> None:
    """Refuse anything but a list of distinct language codes such as "fr" or "pt-br" (BCP 47, lower case)."""
    valid = (
        isinstance(codes, list)
        and codes
        and len(set(map(str, codes))) == len(codes)
        and all(
            isinstance(code, str) and re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})?", code) for code in codes
        )
    )
    if not valid:
        raise ValidationError(
            _("Give at least one language, each once, as lower-case codes such as en, de, fr.")
        )


def validate_time_zone(name: str) -> None:
    """Refuse a name that the tz database does not know."""
    if name not in available_timezones():
        raise ValidationError(
            _("“%(name)s” is no time zone. Write it like Europe/Zurich."), params={"name": name}
        )


def validate_colour(value: str) -> None:
    """Refuse anything but #rrggbb."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValidationError(_("Write the colour as #rrggbb, for example #a3122a."))


def default_languages() -> list[str]:
    """Return the languages of a new site."""
    return ["en", "de", "fr"]


class MenuEntry(NamedTuple):
    """One entry of a menu."""

    label: str
    address: str


def is_address(text: str) -> bool:
    """Return whether a text is a path of ours or an http(s) address, as menus and redirects lead to."""
    return text.isprintable() and bool(re.fullmatch(r"(https?://[^\s/]+|/(?![/\\]))\S*", text))


def validate_address(text: str) -> None:
    """Refuse what is neither a path of ours nor an http(s) address."""
    if not is_address(text):
        raise ValidationError(
            _("“%(address)s” is no address. Write a path such as /fr/politique/, or https://…."),
            params={"address": text[:80]},
        )


def menu_entries(text: str) -> list[MenuEntry]:
    """Return the entries of a menu written as lines "label | address"; lines that are not so are left out."""
    entries = []
    for line in text.splitlines():
        label, _bar, address = (part.strip() for part in line.rpartition("|"))
        if label and is_address(address):
            entries.append(MenuEntry(label, address))
    return entries


def validate_menu(text: str) -> None:
    """Refuse a menu with a line that is not "label | address", the address a path of ours or http(s)."""
    for line in text.splitlines():
        if line.strip() and not menu_entries(line):
            raise ValidationError(
                _("“%(line)s” is no menu entry. Write a line as: Label | /fr/politique/ (or | https://…)."),
                params={"line": line.strip()[:80]},
            )


class Site(Commentable):
    """What a newsroom sets for its whole site; there is exactly one row."""

    name = models.CharField(_("name"), max_length=80, default="Newsroom")
    languages = models.JSONField(
        _("languages"),
        default=default_languages,
        validators=[validate_language_codes],
        help_text=_("Codes of the languages you publish in; the first is the default."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text=_("Readers see dates in this zone, and addresses are made from it. Old addresses stay."),
    )
    colour = models.CharField(
        _("accent colour"), max_length=7, default="#a3122a", validators=[validate_colour]
    )
    logo = models.FileField(_("logo"), upload_to="site/", blank=True)
    icon = models.FileField(_("icon"), upload_to="site/", blank=True)
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    contact_address = models.TextField(
        _("postal address"), blank=True, max_length=500, validators=[MaxLengthValidator(500)]
    )
    publisher = models.CharField(
        _("publisher"),
        max_length=120,
        blank=True,
        help_text=_("The legal person behind the site; search engines and the foot of each page name it."),
    )
    comments_mode = models.CharField(
        _("comments"),
        max_length=6,
        choices=Mode,
        default=Mode.FIRST,
        help_text=_("Sections and articles may say otherwise. Closed: what stands there stays."),
    )
    comments_need_email = models.BooleanField(
        _("an e-mail address is required"), default=False, help_text=_("It stays private.")
    )

    # What changes by itself, as `current` reads it (`Upcoming`): when, and the keys of the pages that show it.
    changes: Sequence[tuple[datetime, list[str]]] = ()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("site")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_site")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save as the one row."""
        self.pk = 1
        super().save(*args, **kwargs)

    @classmethod
    def current(cls) -> Self:
        """Return the site's settings with its words in one query; the defaults before anybody has set them."""
        rows = _SITE()
        if not rows:
            return cls(pk=1)
        of_site, of_words = _names_of(cls), _names_of(SiteText)
        width = len(of_site)
        site = cls.from_db(DEFAULT_DB_ALIAS, of_site, rows[0][:width])
        site.words = [
            SiteText.from_db(DEFAULT_DB_ALIAS, of_words, row[width:-1])
            for row in rows
            if row[width] is not None
        ]
        site.changes = [(datetime.fromisoformat(at), keys) for at, keys in rows[0][-1] or ()]
        return site

    @classmethod
    def of(cls, request: HttpRequest, *, again: bool = False) -> Self:
        """Return the site's settings, read once per request, or `again` once something has been carried out."""
        if again or not hasattr(request, "newsroom_site"):
            request.newsroom_site = cls.current()
        return request.newsroom_site

    @property
    def default_language(self) -> str:
        """The language of readers whose browsers ask for none of ours."""
        return self.languages[0]

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.time_zone)

    @cached_property
    def words(self) -> "list[SiteText]":
        """The site's words in every language that has some."""
        return list(self.texts.all()) if self.pk and not self._state.adding else []

    def text_in(self, language: str) -> "SiteText":
        """Return the site's texts in a language; empty ones where nobody wrote any."""
        for text in self.words:
            if text.language == language:
                return text
        return SiteText(site=self, language=language)

    def name_in(self, language: str) -> str:
        """Return the site's name in a language."""
        return self.text_in(language).name or self.name

    def with_default(self, addresses: dict[str, str]) -> dict[str, str]:
        """Return a page's addresses by language as `hreflang` has them, in the site's order.

        `x-default` is for readers of any other language: the page in the site's first language, if there is one.
        """
        ordered = {code: addresses[code] for code in self.languages if code in addresses}
        default = addresses.get(self.default_language)
        return {**ordered, "x-default": default} if default else ordered

    def page_keys(self) -> Iterable[str]:
        """Return the keys of what shows the site's settings: every page."""
        return ["site"]


def _names_of(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


# One join instead of two queries: every page begins with this.
_SITE = Prepared(
    lambda: Site.objects.filter(pk=1).values_list(
        *_names_of(Site), *(f"texts__{name}" for name in _names_of(SiteText)), "upcoming__changes"
    )
)


class Upcoming(models.Model):
    """What changes by itself and has to be carried out, beside the site's settings: every page reads those anyway."""

    site = models.OneToOneField(Site, models.CASCADE, primary_key=True, related_name="upcoming")
    changes = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{len(self.changes)} changes"

    @classmethod
    def rewrite(cls, asked: Callable[[], Iterable[tuple[datetime, list[str]]]]) -> None:
        """Write anew what changes when, with the keys of the pages that show it, in the transaction of a verb.

        It is `asked` for under a lock, so that of two verbs the later one knows what the first has done.
        """
        Site.objects.get_or_create(pk=1)
        row = cls.objects.select_for_update().get_or_create(site_id=1)[0]
        row.changes = [(at.isoformat(), keys) for at, keys in asked()]
        row.save()


class SiteText(models.Model):
    """The site's words in one language."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="texts", verbose_name=_("site"))
    language = models.CharField(_("language"), max_length=LANGUAGE_CODE_LENGTH)
    name = models.CharField(_("name"), max_length=80, blank=True, help_text=_("Only if it differs."))
    tagline = models.CharField(_("tagline"), max_length=160, blank=True)
    description = models.CharField(
        _("description"), max_length=300, blank=True, help_text=_("For search engines and feeds.")
    )
    main_menu = models.TextField(
        _("main menu"),
        max_length=4000,
        blank=True,
        validators=[validate_menu],
        help_text=_("One entry per line: Label | address, for example: Politics | /en/politics/"),
    )
    foot_menu = models.TextField(
        _("menu at the foot of each page"), max_length=4000, blank=True, validators=[validate_menu]
    )
    # Breaking news above every page of the language. Here and not in a table of its own: each page reads this row.
    banner = models.CharField(
        _("text"), max_length=160, blank=True, help_text=_("One sentence. Empty: no banner.")
    )
    banner_address = models.CharField(
        _("address"),
        max_length=500,
        blank=True,
        validators=[validate_address],
        help_text=_("Where it leads: /en/2025/07/09/… or https://…; empty: nowhere."),
    )
    banner_from = models.DateTimeField(_("from"), null=True, blank=True, help_text=_("Empty: at once."))
    banner_until = models.DateTimeField(
        _("until"), null=True, blank=True, help_text=_("It goes by itself then.")
    )

    class Meta:
        verbose_name = _("site text")
        verbose_name_plural = _("site texts")
        constraints = [
            models.UniqueConstraint(fields=["site", "language"], name="site_text_per_language"),
            models.CheckConstraint(
                condition=models.Q(banner="") | models.Q(banner_until__isnull=False),
                name="banner_ends",
                violation_error_message=_("Say until when the banner stands."),
            ),
            models.CheckConstraint(
                condition=models.Q(banner_from=None) | models.Q(banner_until__gt=models.F("banner_from")),
                name="banner_ends_after_it_begins",
                violation_error_message=_("It would end before it begins."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.language}: {self.name or self.tagline}"

    def has_banner(self, at: datetime | None = None) -> bool:
        """Return whether breaking news stand above the pages of this language now."""
        now = at or clock.now()
        return bool(
            self.banner
            and self.banner_until
            and now < self.banner_until
            and (self.banner_from is None or self.banner_from <= now)
        )

    def banner_changes_at(self) -> datetime | None:
        """Return when the banner next comes or goes by itself, None if it never does."""
        moments = (self.banner_from, self.banner_until) if self.banner else ()
        return min((moment for moment in moments if moment and moment > clock.now()), default=None)

    @property
    def main_entries(self) -> list[MenuEntry]:
        """The entries of the main menu, in order."""
        return menu_entries(self.main_menu)

    @property
    def foot_entries(self) -> list[MenuEntry]:
        """The entries at the foot of each page, in order."""
        return menu_entries(self.foot_menu)


class Banner(SiteText):
    """Breaking news above every page of a language; the same row as the site's words, with a form of its own."""

    class Meta:
        proxy = True
        verbose_name = _("banner")
        verbose_name_plural = _("breaking news")


class Mail(models.Model):
    """A mail on its way: it waits here until the mail server has taken it, and is then deleted."""

    to = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    headers = models.JSONField(_("headers"), default=dict, blank=True)
    # What it tells of, for the app that wrote it, "app", which is asked again before it is sent: see `newsroom.mail`.
    about = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    due_at = models.DateTimeField(_("next try"), default=timezone.now, null=True)
    error = models.CharField(_("last error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails that wait")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["due_at"], name="mail_by_time")]

    def __str__(self) -> str:
        return self.subject


class LogEntryQuerySet(models.QuerySet["LogEntry"]):
    """Questions on the log, which only grows."""

    def about(self, row: models.Model) -> Self:
        """Return the entries about one row, newest first."""
        return self.filter(object_type=row._meta.label_lower, object_id=row.pk).order_by("-pk")

    def update(self, **kwargs: Any) -> int:
        """Refuse: the log is append-only."""
        raise TypeError("The log is append-only.")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse: the log is append-only."""
        raise TypeError("The log is append-only.")


class LogEntry(models.Model):
    """One act of a verb: ids and digests, no personal data; never changed, never deleted."""

    at = models.DateTimeField(_("time"), default=timezone.now)
    verb = models.CharField(_("verb"), max_length=60)
    # Ids and no foreign keys: an entry outlives what it speaks of.
    by_id = models.BigIntegerField(null=True, help_text="The user; null for the system.")
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict)

    objects = LogEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("log")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["object_type", "object_id", "-id"], name="log_by_object")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.verb} {self.object_type} {self.object_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the entry; refuse to change one."""
        if not self._state.adding:
            raise TypeError("The log is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse: the log is append-only."""
        raise TypeError("The log is append-only.")


class Lease(models.Model):
    """Who may do a piece of background work, until when; one holder at a time."""

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=80)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.holder} until {self.until:%H:%M:%S}"
