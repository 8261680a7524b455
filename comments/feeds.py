"""The comments of one article as RSS 2.0."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles.feeds import Channel, ChannelFeed
from articles.models import Article
from comments.models import Comment
from comments.views import of_article
from newsroom.addresses import absolute
from newsroom.plaintext import as_html
from newsroom.xml import xml_text

ITEMS = 50


class CommentFeed(ChannelFeed):
    """The newest shown comments of an article."""

    def view(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """Answer with the feed; 404, 410 and old addresses as the article answers."""
        return require_safe(of_article(self.answer))(request, **kwargs)

    def get_object(self, request: HttpRequest, article: Article) -> Channel:
        """Return the channel; the article's own key, declared already, is purged with each decision."""
        title = _("Comments on “%(headline)s”") % {"headline": article.headline}
        return Channel(
            title=title,
            path=article.path,
            description=title,
            language=article.language,
            items=list(Comment.objects.shown().filter(article=article).order_by("-pk")[:ITEMS]),
            file="comments.xml",
        )

    def item_title(self, item: Comment) -> str:
        """Return whose comment it is."""
        return xml_text(_("Comment by %(name)s") % {"name": item.name})

    def item_description(self, item: Comment) -> str:
        """Return the comment as the article's page shows it: escaped, its paragraphs and links kept."""
        return as_html(xml_text(item.text))

    def item_link(self, item: Comment) -> str:
        """Return the permalink."""
        return absolute(item.get_absolute_url())

    def item_guid(self, item: Comment) -> str:
        """Return the permanent name of the comment."""
        return item.uid.urn

    def item_author_name(self, item: Comment) -> str:
        """Return the name that the comment is signed with (dc:creator)."""
        return xml_text(item.name)

    def item_pubdate(self, item: Comment) -> datetime:
        """Return when the comment was sent."""
        return item.created_at
