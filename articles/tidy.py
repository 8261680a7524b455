"""Bring any HTML into the one shape that a body has.

A body is a row of blocks: paragraphs, headings, lists, quotes, tables, figures with a photo, preformatted
text, rules. Whatever people paste (word processors, mail, other sites) is read tolerantly and built anew from
nothing but the tags of `articles.editor.ALLOWED`, each at a place where it may stand. The text survives,
foreign markup does not. All of it is linear and bounded in depth, so that no input costs seconds; a parser by
the standard is not (20 000 open elements cost html5ever, which nh3 uses, seven seconds).

This is no sanitiser. `articles.fields.sanitise` lets nh3 have the last word.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from articles.editor import ALLOWED, CARD_CLASS
from articles.embeds import card_of, page_of, quoted_by, shortened
from articles.html import Token, tokens

# Blocks that may be open at once, the body itself among them; a list takes two, a table four.
MAX_DEPTH = 16
# A quote in a quote in a quote; the same for passages in another language.
MAX_NESTED = 3
# Blocks over which one unclosed link, quote or passage goes on; bounds what a hostile body grows to.
MAX_CARRIED = 20

# Tags that mean the same as one of ours, or nearly.
SYNONYMS = {
    "b": "strong",
    "i": "em",
    "h1": "h2",
    "h5": "h4",
    "h6": "h4",
    "kbd": "code",
    "samp": "code",
    "tt": "code",
    "listing": "pre",
    "image": "img",
    "tfoot": "tbody",
    "dir": "ul",
    "menu": "ul",
}
# What stands in these is no text of the article: `del` is what somebody took out, `xml` is Word's settings.
DROPPED = frozenset(
    {"applet", "audio", "button", "canvas", "datalist", "del", "map", "math", "object"}
    | {"select", "svg", "template", "video", "xml"}
)
# Of these what they show is another site's file.
FILES = frozenset({"audio", "object", "video"})
# A card takes the place of these; a `div` is one only where it stands for a post.
CARDED = frozenset({"div", "embed", "frame", "iframe", "script"})
# Where a quotation carries the address of what it quotes, until it is finished. No attribute is called so.
QUOTED = "<quoted>"
# A new line of text begins before and after these; the tags themselves say nothing.
BOUNDARIES = frozenset(
    {"address", "article", "aside", "body", "center", "dd", "details", "div", "dl", "dt"}
    | {"fieldset", "footer", "form", "header", "hgroup", "html", "legend", "main", "nav"}
    | {"option", "search", "section", "summary"}
)
FORMATS = frozenset({"a", "cite", "code", "em", "q", "span", "strong", "sub", "sup"})
LINES = frozenset({"p", "h2", "h3", "h4", "pre"})
LISTS = frozenset({"ul", "ol"})
TABLE_PARTS = frozenset({"table", "thead", "tbody", "tr"})
CELLS = frozenset({"td", "th"})

_SPACE = re.compile(r"[ \t\n\r\f\x0b\x85\u2028\u2029]+")
_UNWANTED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffc\ufffe\uffff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# What html5ever escapes too (nh3 writes with it), so that its word is the same.
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\xa0": "&nbsp;"})
_ESCAPED_VALUE = _ESCAPED | {ord('"'): "&quot;"}

_STYLED = (
    (re.compile(r"(?<![\w-])font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE), "strong"),
    (re.compile(r"(?<![\w-])font-style\s*:\s*(?:italic|oblique)", re.IGNORECASE), "em"),
    (re.compile(r"(?<![\w-])vertical-align\s*:\s*super", re.IGNORECASE), "sup"),
    (re.compile(r"(?<![\w-])vertical-align\s*:\s*sub", re.IGNORECASE), "sub"),
)
_UNSTYLED = {
    "strong": re.compile(r"(?<![\w-])font-weight\s*:\s*(?:normal|[1-5]00)", re.IGNORECASE),
    "em": re.compile(r"(?<![\w-])font-style\s*:\s*normal", re.IGNORECASE),
}
_WORD_LEVEL = re.compile(r"mso-list\s*:[^;]*\blevel([1-9])", re.IGNORECASE)
_WORD_MARKER = re.compile(r"mso-list\s*:\s*ignore", re.IGNORECASE)
_WORD_NUMBER = re.compile(r"\(?(?:[0-9]+|[a-zA-Z]|[ivxlcIVXLC]+)[.)]")
MAX_WORD_LEVELS = 5
# Styles are cut before they are searched; no word processor writes more on one element.
MAX_STYLE = 2_000


class Format:
    """An inline element. Two runs with the same object stand in the same element."""

    __slots__ = ("attributes", "carried", "name")

    def __init__(self, name: str, attributes: Mapping[str, str] | None = None):
        self.name = name
        self.attributes = attributes or {}
        self.carried = 0


STRONG = Format("strong")
# One object each, so that neighbours join: <em>a</em><em>b</em> is <em>ab</em>. Two links or quotes stay two.
SHARED = {"strong": STRONG, "em": Format("em"), "sub": Format("sub"), "sup": Format("sup")}

# What Word sets before an item of a list in place of a list: bullet or number, and spaces.
MARKER = Format("marker")

Formats = tuple[Format, ...]


class Run:
    """A piece of text in its inline elements; without text it is a line break."""

    __slots__ = ("formats", "text")

    def __init__(self, text: str | None, formats: Formats):
        self.text = text
        self.formats = formats


class Block:
    """An element that holds other blocks."""

    __slots__ = ("attributes", "children", "name")

    def __init__(
        self, name: str, attributes: Mapping[str, str] | None = None, children: Iterable["Block"] = ()
    ):
        self.name = name
        self.attributes = attributes or {}
        self.children = list(children)


class Line(Block):
    """An element that holds text. Without a name it is text that stands directly in its parent."""

    __slots__ = ("level", "marker", "runs")

    def __init__(self, name: str, attributes: Mapping[str, str] | None = None, runs: Iterable[Run] = ()):
        super().__init__(name, attributes)
        self.runs = list(runs)
        self.level = 0
        self.marker = ""


def tidy(source: str) -> str:
    """Return any HTML in the shape of a body, its blocks one per line; tidy(tidy(x)) == tidy(x)."""
    builder = Builder()
    read = list(tokens(source))
    builder.from_word = any(_is_word(token) for token in read)
    for token in read:
        if token.kind == "text":
            builder.text(token.value)
        elif token.kind == "start":
            builder.start(SYNONYMS.get(token.value, token.value), token.attributes)
        else:
            builder.end(SYNONYMS.get(token.value, token.value))
    blocks = _as_paragraphs(_as_lists(_finish_all(builder.root.children)))
    return "\n".join("".join(_serialise(block)) for block in blocks)


class Builder:
    """Build a tree of blocks from tokens, whatever their order."""

    def __init__(self) -> None:
        self.root = Block("body")
        self.stack = [self.root]
        self.line: Line | None = None
        self.formats: Formats = ()
        # For each inline tag what each of its open start tags added, often nothing.
        self.opened: defaultdict[str, list[Formats]] = defaultdict(list)
        # For each tag the start tags that were passed over, so that their end tags are too.
        self.ignored: defaultdict[str, int] = defaultdict(int)
        self.dropped = ""
        self.dropped_depth = 0
        # Inside an element that shows another site's file: the card that takes its place is still to be made.
        self.wants_card = False
        self.from_word = False

    def text(self, text: str) -> None:
        """Add text to the open line, or open one."""
        if self.dropped:
            return
        text = _SURROGATE.sub("\ufffd", _UNWANTED.sub("", text))
        if MARKER in self.formats:
            if self.line:
                self.line.marker = (self.line.marker + text)[:20]
            return
        if self.line is None:
            if not text.strip():
                return
            self._open_line("")
        self.line.runs.append(Run(text, self.formats))

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Open an element, or do what comes nearest to it where it may not stand."""
        if self.dropped:
            self.dropped_depth += name == self.dropped
            if self.wants_card:
                self.wants_card = not self._add_card(name, attributes)
        elif name in DROPPED:
            self.dropped, self.dropped_depth = name, 1
            self.wants_card = name in FILES and not self._add_card(name, attributes)
        elif name in CARDED and self._add_card(name, attributes):
            pass
        elif name in FORMATS:
            self._start_format(name, attributes)
        elif name == "br":
            if self.line:
                self.line.runs.append(Run(None, self.formats))
        elif name in LINES:
            self._open_line(name, self._allowed(name, attributes))
            found = _WORD_LEVEL.search(attributes.get("style", "")[:MAX_STYLE]) if name == "p" else None
            if found:
                self.line.level = int(found[1])
        elif name == "img":
            self._add_photo(attributes)
        elif name == "hr":
            self._flow().children.append(Block("hr"))
        elif name == "figcaption":
            self._open_caption("figure", name)
        elif name == "caption":
            self._open_caption("table", name)
        elif name in LISTS or name in ("blockquote", "figure", "table"):
            quoted = quoted_by(attributes) if name == "blockquote" else None
            more = {} if quoted is None else {QUOTED: quoted}
            self._open_block(name, self._allowed(name, attributes) | more)
        elif name == "li":
            self._open_item(self._allowed(name, attributes))
        elif name in ("thead", "tbody", "tr") or name in CELLS:
            self.line = None
            if not self.ignored["table"]:
                self._open_table_part(name, self._allowed(name, attributes))
        elif name in BOUNDARIES:
            self.line = None

    def end(self, name: str) -> None:
        """Close an element, and with it all that was opened in it."""
        if self.dropped:
            self.dropped_depth -= name == self.dropped
            if not self.dropped_depth:
                self.dropped = ""
        elif name in FORMATS:
            if self.opened[name]:
                closed = self.opened[name].pop()
                self.formats = tuple(item for item in self.formats if item not in closed)
        elif name in LINES or name in BOUNDARIES or name in ("caption", "figcaption"):
            self.line = None
        elif name in LISTS or name in CELLS or name in TABLE_PARTS or name in ("li", "blockquote", "figure"):
            self._close(name)

    def _allowed(self, name: str, attributes: Mapping[str, str]) -> dict[str, str]:
        """Return the attributes that the allowlist lets through."""
        kept = {}
        for attribute, check in ALLOWED[name].items():
            # Word marks each passage with the language of its spelling checker, right or wrong.
            if attribute in attributes and not (self.from_word and attribute == "lang"):
                value = check(_SURROGATE.sub("\ufffd", _UNWANTED.sub("", attributes[attribute])))
                if value is not None:
                    kept[attribute] = value
        return kept

    def _start_format(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "a":
            # A link in a link can't be: the second ends the first (HTML Standard, 13.2.6.4.7).
            self.formats = tuple(item for item in self.formats if item.name != "a")
            self.opened["a"].clear()
        added = []
        for item in self._formats_of(name, attributes):
            active = sum(other.name == item.name for other in self.formats)
            if active < (MAX_NESTED if item.name in ("q", "span") else 1):
                added.append(item)
        self.opened[name].append(tuple(added))
        self.formats += tuple(added)

    def _formats_of(self, name: str, attributes: Mapping[str, str]) -> Iterator[Format]:
        style = attributes.get("style", "")[:MAX_STYLE]
        if name in SHARED:
            if not (name in _UNSTYLED and _UNSTYLED[name].search(style)):
                yield SHARED[name]
            return
        allowed = self._allowed(name, attributes)
        if name not in ("a", "span") or allowed:
            yield Format(name, allowed)
        if name == "span" and style:
            if _WORD_MARKER.search(style):
                yield MARKER
            for pattern, meant in _STYLED:
                if pattern.search(style):
                    yield SHARED[meant]

    def _open_line(self, name: str, attributes: Mapping[str, str] | None = None) -> None:
        self._append_line(self._flow(), Line(name, attributes))

    def _append_line(self, parent: Block, line: Line) -> None:
        for item in self.formats:
            if item.name not in SHARED:
                item.carried += 1
        self.formats = tuple(item for item in self.formats if item.carried <= MAX_CARRIED)
        parent.children.append(line)
        self.line = line

    def _flow(self) -> Block:
        """Close the open line and return the innermost element in which blocks may stand."""
        self.line = None
        if self.stack[-1].name in LISTS:
            self._push("li")
        elif self.stack[-1].name in TABLE_PARTS:
            self._open_table_part("td", {})
        return self.stack[-1]

    def _push(self, name: str, attributes: Mapping[str, str] | None = None) -> None:
        block = Block(name, attributes)
        self.stack[-1].children.append(block)
        self.stack.append(block)

    def _open_block(self, name: str, attributes: Mapping[str, str]) -> None:
        self.line = None
        if name in LISTS and self.stack[-1].name in LISTS and self.stack[-1].children:
            # A list directly in a list, as older editors write it, belongs to the item before it.
            self.stack.append(self.stack[-1].children[-1])
        self._flow()
        # A table brings three more levels before its text. No table stands in another, and no figure.
        depth = len(self.stack) + 3 * (name == "table")
        nested = name in ("table", "figure") and any(block.name == name for block in self.stack)
        if depth >= MAX_DEPTH or nested:
            self.ignored[name] += 1
        else:
            self._push(name, attributes)

    def _open_item(self, attributes: Mapping[str, str]) -> None:
        self.line = None
        at = len(self.stack) - 1
        if self.stack[at].name == "li":
            at -= 1
        if self.stack[at].name in LISTS:
            del self.stack[at + 1 :]
        else:
            self._open_block("ul", {})
        if self.stack[-1].name in LISTS:
            self._push("li", attributes)

    def _open_caption(self, owner: str, name: str) -> None:
        self.line = None
        at = self._find(owner)
        if at < 0 or self.ignored[owner]:
            self._open_line("p")
            return
        del self.stack[at + 1 :]
        self._append_line(self.stack[at], Line(name))

    def _open_table_part(self, name: str, attributes: Mapping[str, str]) -> None:
        at = self._find("table", through_cells=True)
        if at < 0:
            return
        wanted = ["thead" if name == "thead" else "tbody", "tr", name]
        # How far down the open row reaches: a new cell goes on with it, a new row with its section.
        keep = at + 1
        open_names = [block.name for block in self.stack[at + 1 :]]
        if open_names and name in ("tr", "td", "th"):
            keep += 1
            wanted = wanted[1:]
            if len(open_names) > 1 and name in CELLS:
                keep += 1
                wanted = wanted[1:]
        del self.stack[keep:]
        for step in wanted:
            self._push(step, attributes if step == name else None)
            if step == name:
                break
        if name in CELLS:
            self.formats = ()
            self.opened.clear()

    def _find(self, name: str, through_cells: bool = False) -> int:
        """Return the place of the innermost open element of this name, -1 without one."""
        for at in range(len(self.stack) - 1, 0, -1):
            if self.stack[at].name == name:
                return at
            if self.stack[at].name in CELLS and not through_cells:
                break
        return -1

    def _close(self, name: str) -> None:
        self.line = None
        if self.ignored[name]:
            self.ignored[name] -= 1
            return
        if self.ignored["table"] and (name in TABLE_PARTS or name in CELLS):
            return
        at = self._find(name, through_cells=name in TABLE_PARTS)
        if at > 0:
            del self.stack[at:]

    def _add_card(self, name: str, attributes: Mapping[str, str]) -> bool:
        """Put a card in the place of another site's frame; return whether there is something to link."""
        found = card_of(name, attributes)
        if found is None:
            return False
        if self.stack[-1].name == "figure":
            self.line = None
            parent = self.stack[-1]
        else:
            parent = self._flow()
        address, title = found
        parent.children.append(Block("card", {"href": address, "title": _UNWANTED.sub("", title)}))
        return True

    def _add_photo(self, attributes: Mapping[str, str]) -> None:
        allowed = self._allowed("img", attributes)
        if "src" not in allowed:
            return
        photo = Block("img", {"src": allowed["src"], "alt": allowed.get("alt", "")})
        if self.stack[-1].name == "figure":
            self.line = None
            self.stack[-1].children.append(photo)
        else:
            self._flow().children.append(Block("figure", {}, [photo]))


def _is_word(token: Token) -> bool:
    return token.kind == "start" and (
        token.attributes.get("class", "").startswith("Mso")
        or "mso-" in token.attributes.get("style", "")[:MAX_STYLE]
        or token.value.startswith(("o:", "w:"))
    )


def _finish_all(blocks: Iterable[Block]) -> list[Block]:
    return [finished for block in blocks for finished in _finish(block)]


def _finish(block: Block) -> list[Block]:
    """Return what a block comes to in a body: itself, nothing, or several."""
    if isinstance(block, Line):
        return list(_finish_line(block))
    children = _finish_all(block.children)
    match block.name:
        case "hr" | "img":
            return [block]
        case "card":
            return [_card(block.attributes["href"], block.attributes["title"])]
        case "figure":
            return _finish_figure(block, children)
        case "table":
            return _finish_table(children)
        case "blockquote":
            children = _as_paragraphs(children)
            if (quoted := block.attributes.get(QUOTED)) is not None:
                kept = {name: value for name, value in block.attributes.items() if name != QUOTED}
                address = quoted or page_of(_last_link(children))
                cards = [_card(address, shortened(address))] if address else []
                return [Block("blockquote", kept, children)] * bool(children) + cards
        case "li" | "td" | "th":
            children = _as_item(_as_paragraphs(children))
    if not children and block.name not in CELLS:
        return []
    return [Block(block.name, block.attributes, children)]


def _finish_figure(figure: Block, children: list[Block]) -> list[Block]:
    classes = figure.attributes.get("class", "").split()
    shown = [child for child in children if child.name in ("img", "figure")]
    captions = [child for child in children if child.name == "figcaption"]
    rest = [child for child in children if child.name not in ("img", "figure", "figcaption")]
    if not shown and CARD_CLASS in classes:
        shown, rest = _written_card(rest)
    if shown and not captions and len(rest) == 1 and rest[0].name in ("", "p"):
        captions, rest = rest, []
    if shown and captions:
        captions[0].name = "figcaption"
        captions[0].attributes = {}
    figures = [child if child.name == "figure" else Block("figure", {}, [child]) for child in shown]
    if figures and captions:
        figures[-1].children.append(captions.pop(0))
    beside = [name for name in classes if name != CARD_CLASS]
    for one in figures:
        if not one.attributes:
            one.attributes = {"class": " ".join(dict.fromkeys(["image", *beside]))}
    for caption in captions:
        caption.name = "p"
    return [*figures, *_as_paragraphs(rest), *captions]


def _card(address: str, title: str) -> Block:
    """Return the card that links another site's page: <figure class="link-card"><a href="…">Title</a></figure>."""
    return Block(
        "figure", {"class": CARD_CLASS}, [Line("", {}, [Run(title, (Format("a", {"href": address}),))])]
    )


def _written_card(blocks: list[Block]) -> tuple[list[Block], list[Block]]:
    """Find the link of a card in what stands in its figure; return the card (none or one), and what is left."""
    for at, line in enumerate(blocks):
        runs = line.runs if isinstance(line, Line) else []
        links = [item for run in runs for item in run.formats if item.name == "a"]
        if not links or not links[0].attributes.get("href", "").startswith(("https://", "http://", "/")):
            continue
        href = links[0].attributes["href"]
        inside = [run for run in runs if links[0] in run.formats]
        title = " ".join("".join(run.text or " " for run in inside).split())
        outside = [run for run in runs if links[0] not in run.formats]
        address = href if href.startswith("/") else page_of(href) or href
        # Where nobody has given it a title of its own.
        if title in (href, shortened(href)):
            title = shortened(address)
        words = list(_finish_line(Line(line.name, line.attributes, outside)))
        return [_card(address, title)], [*blocks[:at], *words, *blocks[at + 1 :]]
    return [], blocks


def _last_link(blocks: Iterable[Block]) -> str:
    """Return where the last link in some blocks leads, "" without one."""
    found = ""
    for block in blocks:
        for run in block.runs if isinstance(block, Line) else ():
            found = next((item.attributes.get("href", "") for item in run.formats if item.name == "a"), found)
        found = _last_link(block.children) or found
    return found


def _finish_table(children: list[Block]) -> list[Block]:
    captions = [child for child in children if child.name == "caption"]
    parts = []
    for name in ("thead", "tbody"):
        rows = [row for child in children if child.name == name for row in child.children]
        if rows:
            parts.append(Block(name, {}, rows))
    after: list[Block] = captions[1:] if parts else captions
    for caption in after:
        caption.name = "p"
    return [Block("table", {}, captions[:1] + parts), *after] if parts else after


def _as_paragraphs(blocks: Iterable[Block]) -> list[Block]:
    blocks = list(blocks)
    for block in blocks:
        block.name = block.name or "p"
    return blocks


def _as_item(blocks: list[Block]) -> list[Block]:
    """Let an item that is one line, with or without lists below, stand without a paragraph around it."""
    first = blocks[0] if blocks else None
    if (
        first
        and first.name in ("", "p")
        and not first.attributes
        and all(b.name in LISTS for b in blocks[1:])
    ):
        first.name = ""
        return blocks
    return _as_paragraphs(blocks)


def _as_lists(blocks: Iterable[Block]) -> Iterator[Block]:
    """Turn the paragraphs by which Word writes a list into one."""
    lists: list[tuple[int, Block]] = []
    for block in blocks:
        if not isinstance(block, Line) or not block.level:
            lists = []
            yield block
            continue
        name = "ol" if _WORD_NUMBER.match(block.marker.strip()) else "ul"
        while lists and lists[-1][0] > block.level:
            lists.pop()
        if lists and lists[-1][0] == block.level and lists[-1][1].name != name:
            lists.pop()
        if not lists or (lists[-1][0] < block.level and len(lists) < MAX_WORD_LEVELS):
            new = Block(name)
            if lists:
                lists[-1][1].children[-1].children.append(new)
            else:
                yield new
            lists.append((block.level, new))
        lists[-1][1].children.append(Block("li", {}, [Line("", {}, block.runs)]))


def _finish_line(line: Line) -> Iterator[Line]:
    runs = _preformatted(line.runs) if line.name == "pre" else _collapsed(line.runs)
    if line.name in ("h2", "h3", "h4") and all(STRONG in run.formats for run in runs if not _is_gap(run)):
        # A heading that is bold throughout is a heading.
        for run in runs:
            run.formats = tuple(item for item in run.formats if item is not STRONG)
    part = Line(line.name, line.attributes)
    part.level, part.marker = line.level, line.marker
    for at, run in enumerate(runs):
        if run.text is None and runs[at - 1].text is None:
            continue
        if run.text is None and line.name in ("", "p") and runs[at + 1].text is None:
            # Two line breaks are how people who lack a paragraph make one.
            yield _with_even_gaps(part)
            part = Line(line.name, line.attributes)
        else:
            part.runs.append(run)
    if part.runs:
        yield _with_even_gaps(part)


def _collapsed(runs: list[Run]) -> list[Run]:
    """Collapse white space as a browser does, and take it away at both ends of each line."""
    kept: list[Run] = []
    at_edge, after_space = True, True
    for run in runs:
        if run.text is None:
            _strip_end(kept)
            if kept:
                kept.append(Run(None, run.formats))
            at_edge = after_space = True
            continue
        text = _SPACE.sub(" ", run.text)
        text = text.lstrip(" \xa0") if at_edge else text.lstrip(" ") if after_space else text
        if text:
            kept.append(Run(text, run.formats))
            at_edge, after_space = False, text.endswith(" ")
    _strip_end(kept)
    while kept and kept[-1].text is None:
        kept.pop()
        _strip_end(kept)
    return kept


def _strip_end(runs: list[Run]) -> None:
    while runs and runs[-1].text is not None:
        runs[-1].text = runs[-1].text.rstrip(" \xa0")
        if runs[-1].text:
            return
        runs.pop()


def _preformatted(runs: list[Run]) -> list[Run]:
    kept = [Run("\n" if run.text is None else re.sub(r"\r\n?", "\n", run.text), run.formats) for run in runs]
    while kept and not kept[-1].text.rstrip():
        kept.pop()
    if kept:
        kept[-1].text = kept[-1].text.rstrip()
    # A parser drops a line feed right after the start tag; so that none is ever lost, none stands there.
    while kept and not kept[0].text.lstrip("\n"):
        kept.pop(0)
    if kept:
        kept[0].text = kept[0].text.lstrip("\n")
    return kept


def _is_gap(run: Run) -> bool:
    return run.text is None or run.text.isspace()


def _with_even_gaps(line: Line) -> Line:
    """Give spaces and line breaks between two runs the formats that both share, and join equal neighbours."""
    gaps: list[Run] = []
    before: Formats = ()
    for run in line.runs:
        if _is_gap(run):
            gaps.append(run)
            continue
        for gap in gaps:
            gap.formats = before[: _common(before, run.formats)]
        gaps = []
        before = run.formats
    for gap in gaps:
        gap.formats = ()
    joined: list[Run] = []
    for run in line.runs:
        if (
            joined
            and run.text is not None
            and joined[-1].text is not None
            and joined[-1].formats == run.formats
        ):
            joined[-1] = Run(joined[-1].text + run.text, run.formats)
        else:
            joined.append(run)
    line.runs = joined
    return line


def _common(first: Formats, second: Formats) -> int:
    """Return how many formats two runs share from the outermost on."""
    shared = 0
    for one, other in zip(first, second, strict=False):
        if one is not other:
            break
        shared += 1
    return shared


def _serialise(block: Block) -> Iterator[str]:
    if block.name:
        yield _start_tag(block)
    if isinstance(block, Line):
        yield from _serialise_runs(block.runs)
    for child in block.children:
        yield from _serialise(child)
    if block.name and block.name not in ("hr", "img"):
        yield f"</{block.name}>"


def _serialise_runs(runs: list[Run]) -> Iterator[str]:
    opened: Formats = ()
    for run in runs:
        shared = _common(opened, run.formats)
        for item in reversed(opened[shared:]):
            yield f"</{item.name}>"
        for item in run.formats[shared:]:
            yield _start_tag(item)
        opened = run.formats
        yield "<br>" if run.text is None else run.text.translate(_ESCAPED)
    for item in reversed(opened):
        yield f"</{item.name}>"


def _start_tag(element: Block | Format) -> str:
    attributes = (
        f' {name}="{value.translate(_ESCAPED_VALUE)}"' for name, value in element.attributes.items()
    )
    return f"<{element.name}{''.join(attributes)}>"
