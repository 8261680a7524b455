"""One page of an article's comments, as readers get it."""

from dataclasses import dataclass

from articles.models import Article
from comments import addresses, threads
from comments.models import Comment


@dataclass
class ThreadPage:
    """A page of comments; `entries` are the outermost ones, with their comments and replies.

    Of all comments, the oldest threads first or the newest; or, with `thread`, of one long thread that goes on here.
    """

    article: Article
    number: int
    count: int
    entries: list[threads.Entry]
    is_newest_first: bool = False
    thread: int | None = None

    def url_of(self, number: int) -> str:
        """Return the address of another page beside this one."""
        if self.thread:
            return addresses.thread_page_url(self.article, self.thread, number)
        if self.is_newest_first:
            return addresses.newest_url(self.article, number)
        return addresses.page_url(self.article, number)

    @property
    def url(self) -> str:
        """The address of this page."""
        return self.url_of(self.number)

    @property
    def previous_url(self) -> str:
        """The address of the page before, "" on the first."""
        return self.url_of(self.number - 1) if self.number > 1 else ""

    @property
    def next_url(self) -> str:
        """The address of the page that follows, "" on the last."""
        return self.url_of(self.number + 1) if self.number < self.count else ""

    @property
    def beginning_url(self) -> str:
        """Where the thread that goes on here begins; "" on pages of all."""
        return Comment(pk=self.thread).get_absolute_url() if self.thread else ""

    @property
    def other_order_url(self) -> str:
        """The address of the first page in the other order; "" on pages of one thread."""
        if self.thread:
            return ""
        first = addresses.page_url if self.is_newest_first else addresses.newest_url
        return first(self.article, 1)


def read(article: Article, number: int = 1, *, newest_first: bool = False) -> ThreadPage | None:
    """Return a page of an article's comments, None if there are not so many; two queries, one if there are none."""
    pages = Comment.objects.pages_of(article, newest_first=newest_first).pages
    if number > len(pages):
        return None
    page = Comment.objects.fetch(pages[number - 1])
    return ThreadPage(article, number, len(pages), threads.draw(page), newest_first)


def read_thread(article: Article, pk: int, number: int = 1) -> ThreadPage | None:
    """Return a page on which a long thread goes on, None if it does not; two queries."""
    pages = Comment.objects.pages_of(article).continued.get(pk, [])
    if number > len(pages):
        return None
    page = Comment.objects.fetch(pages[number - 1])
    return ThreadPage(article, number, len(pages), threads.draw(page), thread=pk)


def url_of(article: Article, pk: int) -> str | None:
    """Return the page on which readers find a comment or its placeholder, None if nowhere; one query."""
    place = Comment.objects.pages_of(article).place_of(pk)
    if place is None:
        return None
    if place.thread:
        return addresses.thread_page_url(article, place.thread, place.number)
    return addresses.page_url(article, place.number)
