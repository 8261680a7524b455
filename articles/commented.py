"""The article that a comment is sent to: asked twice for each, so it is put together once."""

from django.db.models import CharField, DateTimeField

from articles.models import Article
from newsroom import clock
from newsroom.prepared import Given, Prepared

_VISIBLE_AT = Prepared(
    lambda: (
        Article.objects.visible(at=Given("now", DateTimeField()))
        .in_language(Given("language", CharField()))
        .for_commenting()
        .filter(paths__path=Given("path", CharField()))
        .order_by()
    )
)
_LOCKED = Prepared(lambda: Article.objects.lock().for_commenting().filter(pk=Given("pk")).order_by())


def visible_at(path: str, language: str) -> Article | None:
    """Return the article of a language that readers see at a path, current or old; None if there is none."""
    return next(iter(_VISIBLE_AT(path=path, language=language, now=clock.now())), None)


def locked(pk: int) -> Article:
    """Return an article, its row locked until the transaction ends. Raises Article.DoesNotExist if it is gone."""
    for article in _LOCKED(pk=pk):
        return article
    raise Article.DoesNotExist
