"""What the tests of the admin share: forms as a browser would fill and send them."""

from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client


class _Fields(HTMLParser):
    """The fields of the forms of a page, with what stands in them."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, Any] = {}
        self._select = self._textarea = ""
        self._text = ""
        self._options: list[str] = []
        self._first: str | None = None
        self._multiple = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, kind = given.get("name") or "", given.get("type") or "text"
        if tag == "input" and name and kind not in ("submit", "file", "search"):
            if kind not in ("checkbox", "radio"):
                self.sent[name] = given.get("value") or ""
            elif "checked" in given:
                self._add(name, given.get("value") or "on", kind)
        elif tag == "textarea" and name:
            self._textarea, self._text = name, ""
        elif tag == "select" and name:
            self._select, self._options, self._first = name, [], None
            self._multiple = "multiple" in given
        elif tag == "option" and self._select:
            value = given.get("value") or ""
            self._first = value if self._first is None else self._first
            if "selected" in given:
                self._options.append(value)

    def _add(self, name: str, value: str, kind: str) -> None:
        if kind == "checkbox" and name in self.sent:
            before = self.sent[name]
            self.sent[name] = [*(before if isinstance(before, list) else [before]), value]
        else:
            self.sent[name] = value

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea:
            self.sent[self._textarea], self._textarea = self._text.removeprefix("\n"), ""
        elif tag == "select" and self._select:
            if self._multiple:
                self.sent[self._select] = self._options
            elif self._first is not None:
                # Without a choice a browser sends the first.
                self.sent[self._select] = self._options[0] if self._options else self._first
            self._select = ""


def fields_of(response: HttpResponse) -> dict[str, Any]:
    """Return what a browser would send if nothing were changed on this page."""
    parser = _Fields()
    parser.feed(response.content.decode())
    return {name: value for name, value in parser.sent.items() if name != "csrfmiddlewaretoken"}


def send(client: Client, address: str, follow: bool = False, **changes: Any) -> HttpResponse:
    """Open a form, change some fields, send it; field names have "-" where Python has "__"."""
    opened = client.get(address)
    assert opened.status_code == 200, (address, opened.status_code)
    data = fields_of(opened)
    data.update({name.replace("__", "-"): value for name, value in changes.items()})
    return client.post(address, data, follow=follow)


def text_of(response: HttpResponse) -> str:
    """Return a page as text to look into."""
    return response.content.decode()


def change(article: Any) -> str:
    """Return the address of an article's form."""
    return f"/admin/articles/article/{article.pk}/change/"


def page(article: Any, name: str) -> str:
    """Return the address of one of an article's pages."""
    return f"/admin/articles/article/{article.pk}/{name}/"
