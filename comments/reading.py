"""One page of an article's comments, as readers get it."""

from dataclasses import dataclass

from articles.models import Article
from comments import addresses, threads
from comments.models import Comment


@dataclass
class ThreadPage:
    """A page of a thread; `entries` are the outermost ones, with their comments and replies."""

    article: Article
    number: int
    count: int
    entries: list[threads.Entry]

    @property
    def url(self) -> str:
        """The address of this page."""
        return addresses.page_url(self.article, self.number)

    @property
    def previous_url(self) -> str:
        """The address of the page before, "" on the first."""
        return addresses.page_url(self.article, self.number - 1) if self.number > 1 else ""

    @property
    def next_url(self) -> str:
        """The address of the page that follows, "" on the last."""
        return addresses.page_url(self.article, self.number + 1) if self.number < self.count else ""


def read(article: Article, number: int = 1) -> ThreadPage | None:
    """Return a page of an article's comments, None if there are not so many; two queries, one if there are none."""
    pages = Comment.objects.pages_of(article)
    if number > len(pages):
        return None
    page = Comment.objects.fetch(pages[number - 1])
    return ThreadPage(article, number, len(pages), threads.draw(page))


def page_number(article: Article, comment_id: int) -> int | None:
    """Return the page on which readers find a comment or its placeholder, None if nowhere; one query."""
    return threads.page_of(Comment.objects.pages_of(article), comment_id)
