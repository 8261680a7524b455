"""Mail to colleagues about work that comes to them: one mail for each person and act."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from newsroom.dates import format_moment
from newsroom.languages import spoken
from newsroom.mail import is_set_up, send_later
from newsroom.models import Site

if TYPE_CHECKING:
    from datetime import datetime

    from articles.models.accounts import User
    from articles.models.articles import Article

# So many people are told of one act: each costs a look at what he may do.
MOST = 20


@dataclass
class Word:
    """What one person is told: a sentence, which the mail's language makes, what was written, and where that is."""

    sentence: Any
    text: str = ""
    address: str = ""
    until: "datetime | None" = None


@dataclass
class Telling:
    """What an act at an article has to tell, and whom."""

    article: "Article"
    by: "User | None"
    words: dict["User", list[Word]] = field(default_factory=dict)

    def tell(self, people: "Iterable[User | None]", word: Word) -> None:
        """Note a word for some people; nobody is told what he did himself."""
        for person in dict.fromkeys(people):
            if person is not None and person != self.by:
                self.words.setdefault(person, []).append(word)

    def send(self) -> None:
        """Put one mail for each person into the outbox, in the transaction of the act.

        Nobody gets one who has no address, is gone, or may not edit the article: it names what is not published. And
        nobody does where no mail server is set up, for it would wait for ever.
        """
        if not is_set_up():
            return
        for person in list(self.words)[:MOST]:
            if person.email and person.is_active and self.article.is_editable_by(person):
                send_later(person.email, *self._mail(self.words[person]))

    def _mail(self, words: list[Word]) -> tuple[str, str]:
        """Return subject and text, in the article's language: which one a colleague's admin speaks is not stored."""
        language = self.article.language
        site = Site.current()
        newest = self.article.newest_revision()
        headline = (newest.headline if newest else "") or str(self.article)
        with translation.override(spoken(language)):
            who = self.by.shown_name if self.by else gettext("The system")
            parts = [headline]
            for word in words:
                parts.append(str(word.sentence) % {"who": who})
                if word.until:
                    time = format_moment(word.until, language, site.zone)
                    parts.append(gettext("Due: %(time)s.") % {"time": time})
                if word.text:
                    parts.append("\n".join(f"> {line}" for line in word.text.splitlines()))
            parts += dict.fromkeys(settings.BASE_URL + word.address for word in words)
            subject = gettext("%(site)s: %(headline)s") % {
                "site": site.name_in(language),
                "headline": headline,
            }
        return subject, "\n\n".join(parts)


_told: ContextVar[Telling | None] = ContextVar("told", default=None)


@contextmanager
def telling(article: "Article", by: "User | None") -> Iterator[Telling]:
    """Collect what an act tells, and send it at the end; an act within another is told with it, in one mail."""
    if (outer := _told.get()) and outer.article == article:
        yield outer
        return
    told = Telling(article, by)
    token = _told.set(told)
    try:
        yield told
    finally:
        _told.reset(token)
    told.send()
