"""What differs between two revisions of an article, as the desk reads it: on a page, in a sentence, in a few words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby, zip_longest
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.admin.contents import label_of, names_in, value_of
from articles.blocks import Block, StoredBlock
from articles.compare import (
    LABELS,
    Piece,
    Step,
    Work,
    between_ends,
    fewest_moved,
    known_again,
    matched_by_key,
    opcodes,
    steps,
    word_diff,
)
from articles.editor import PHOTO_PATH
from articles.html import InlinePhoto, plain_text, replace_photos, tokens
from articles.models import Photo, Revision
from newsroom.dates import direction

# The parts of a revision in the order in which they are told, those before the text and those after it.
ABOVE = ("kicker", "headline", "standfirst")
BESIDE = (
    *("photo", "dateline", "section", "series", "tags", "bylines", "sources"),
    *("provenance", "translated_from", "reviewed_by", "republished_from", "canonical_url"),
    *("slug", "search_title", "search_description", "social_photo", "noindex"),
)
RELATIONS = ("tags", "bylines", "sources")
# What one chooses and does not write: it is another one, not the same with another word.
CHOSEN = ("section", "series", "provenance", "translated_from", "canonical_url", "noindex")
# So many characters stand on a page in full, and as many again of what did not change; a line counts as so many.
# Of what comes later, and of one long run, only the beginning and the end stand there.
MAX_SHOWN = 1_000_000
LINE = 200
MAX_RUN = 20_000
MAX_LATER = 200
# So many blocks that changed stand on the page; the sentence on top counts them all.
MAX_PARTS = 3_000
# So many tags are named in the sentence, and so many links at a block.
MAX_NAMED = 5
MAX_LINKS = 20


@dataclass
class Room:
    """How much text still finds room on the page."""

    left: int = MAX_SHOWN
    is_cut: bool = False

    def pieces(self, found: Iterable[Piece]) -> list[Piece]:
        """Return pieces as far as there is room for them."""
        return [Piece(piece.kind, self.text(piece.text)) for piece in found]

    def text(self, text: str) -> str:
        """Return a text, the middle of a long one left out."""
        most = MAX_RUN if self.left > 0 else MAX_LATER
        if len(text) > most:
            self.is_cut = True
            left_out = _("%(n)s characters left out") % {"n": len(text) - most}
            text = f"{text[: most // 2]} […{left_out}…] {text[-(most // 2) :]}"
        self.left -= len(text)
        return text

    def first(self, rows: Iterable[Any]) -> Iterator[Any]:
        """Yield what there is room for, the first of it anyway."""
        for at, row in enumerate(rows):
            if at and self.left <= 0:
                self.is_cut = True
                return
            self.left -= LINE
            yield row


class Picture(NamedTuple):
    """A photo as it stood in one revision; what was a kind of change is said beside it."""

    kind: str  # "same", "added" or "removed"
    address: str
    alt: str


@dataclass
class Row:
    """A line of a block: a paragraph's only one, an item, a row of cells."""

    kind: str  # "same", "added", "removed" or "changed"
    cells: list[list[Piece]]
    is_head: bool = False


@dataclass
class Part:
    """A part of the article that changed: a field or a block, what happened to it, and how it reads now."""

    kind: str
    label: str
    what: str
    is_text: bool = True  # in the language of the article
    rows: list[Row] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    words: list[tuple[str, list[Piece]]] = field(
        default_factory=list
    )  # caption and alternative text, by name
    notes: list[str] = field(default_factory=list)
    language: str = ""
    direction: str = ""
    level: str = "p"
    moved: str = ""

    is_fold = False


@dataclass
class Fold:
    """Blocks that stayed as they were, in one line."""

    title: str
    blocks: list[Part]

    is_fold = True


class Comparison:
    """Everything that differs between two revisions; `old` is the earlier one."""

    def __init__(self, old: Revision, new: Revision) -> None:
        self.old, self.new = old, new
        self.language = new.language
        self.direction = direction(new.language)
        self.room, self.room_for_same = Room(), Room()
        self.work = Work()
        differing = new.differing(old)
        self.above = [self._field(name) for name in ABOVE if name in differing]
        self.beside = [self._field(name) for name in BESIDE if name in differing]
        self.counts: Counter[tuple[str, str]] = Counter()
        self.text = list(self._text()) if "body" in differing else []

    @property
    def is_cut(self) -> bool:
        """Return whether the page leaves something out."""
        return self.room.is_cut or self.room_for_same.is_cut

    @cached_property
    def summary(self) -> list[str]:
        """Return what differs, each in a few words: "2 paragraphs changed", "tag “harbour” added"."""
        told = [said(label_of(part.kind), part.what) for part in self.above]
        for (kind, what), number in self.counts.items():
            told.append(said(counted(kind, number), what))
        for part in self.beside:
            changed = [(row.kind, row.cells[0][0].text) for row in part.rows if row.kind != "same"]
            if part.kind == "tags" and 0 < len(changed) <= MAX_NAMED:
                told += [said(_("tag “%(name)s”") % {"name": name}, WORDS[kind]()) for kind, name in changed]
            else:
                told.append(said(label_of(part.kind), part.what))
        return told

    # Fields

    def _field(self, name: str) -> Part:
        if name in RELATIONS:
            return self._names(name)
        if name in ("photo", "social_photo"):
            return self._photo(name)
        before, after = (str(value_of(revision, name) or "") for revision in (self.old, self.new))
        part = Part(name, capfirst(label_of(name)), happened(before, after))
        part.is_text = name not in ("provenance", "noindex", "translated_from", "canonical_url", "slug")
        if name == "noindex":
            part.what, before, after = _("changed"), before or _("no"), after or _("no")
        if name in CHOSEN:
            pieces = [Piece(kind, text) for kind, text in (("removed", before), ("added", after)) if text]
        else:
            pieces = word_diff(before, after, self.work)
        part.rows = [Row("changed", [self.room.pieces(pieces)])]
        return part

    def _names(self, name: str) -> Part:
        before, after = names_in(self.old, name), names_in(self.new, name)
        part = Part(name, capfirst(label_of(name)), happened(before, after))
        came, went = Counter(after) - Counter(before), Counter(before) - Counter(after)
        marked = [("added" if text in came else "same", text) for text in after]
        marked += [("removed", text) for text in before if text in went]
        part.rows = [Row(kind, [[Piece(kind, text)]]) for kind, text in marked]
        if not came and not went:
            deleted = before == after
            part.notes = [_("Only in what was deleted since.") if deleted else _("In another order.")]
        return part

    def _photo(self, name: str) -> Part:
        before, after = getattr(self.old, name), getattr(self.new, name)
        part = Part(name, capfirst(label_of(name)), happened(before, after))
        part.pictures = [
            Picture(kind, photo.editor_address, self._words_of(photo))
            for kind, photo in (("removed", before), ("added", after))
            if photo
        ]
        return part

    def _words_of(self, photo: Photo) -> str:
        text = photo.text_in(self.language)
        return (text and text.alt) or str(photo)

    # The text

    def _text(self) -> Iterator[Part | Fold]:
        before, after, matched = known_again(self.old, self.new)
        found = replaced_figures(steps(before, after, matched, fewest_moved(matched)))
        for stayed, run in groupby(found, key=stays):
            if stayed:
                yield self._fold(list(run))
            else:
                for step in run:
                    if (part := self._block(step)) is not None:
                        yield part

    def _fold(self, run: Sequence[Step]) -> Fold:
        kinds = Counter(step.new.kind for step in run if step.new)
        things = ", ".join(counted(kind, number) for kind, number in kinds.items())
        blocks = [self._part_of(step, "", self.room_for_same) for step in self.room_for_same.first(run)]
        return Fold(_("%(things)s unchanged") % {"things": things}, blocks)

    def _block(self, step: Step) -> Part | None:
        """Count a block that changed, and return it as long as not too many stand on the page."""
        old, new = step.old, step.new
        shown = new or old
        is_changed = old is not None and new is not None and old.html != new.html
        what = happened(old, new)
        if step.moved:
            what = MOVED[step.moved, is_changed]()
            self.counts[shown.kind, _("moved and changed") if is_changed else _("moved")] += 1
        else:
            self.counts[shown.kind, what] += 1
        if self.counts.total() > MAX_PARTS:
            self.room.is_cut = True
            return None
        return self._part_of(step, what, self.room)

    def _part_of(self, step: Step, what: str, room: Room) -> Part:
        old, new = step.old, step.new
        shown = new or old
        part = Part(shown.kind, str(LABELS[shown.kind]), what, moved=step.moved)
        first = next(tokens(shown.html))
        part.level = first.value
        part.language, part.direction = (first.attributes.get(name, "") for name in ("lang", "dir"))
        if shown.kind == "figure":
            self._figure(part, old, new, room)
        else:
            part.rows = list(room.first(self._rows(old, new, room)))
        if old and new and old.html != new.html:
            part.notes += notes(old, new)
            if not part.notes and is_same(part) and old.text == new.text:
                part.notes.append(
                    _("Only formatting changed, such as bold, italics or the language of a passage.")
                )
        return part

    def _rows(self, old: Block | None, new: Block | None, room: Room) -> Iterator[Row]:
        before, after = lines(old), lines(new)
        if before == after:
            yield from (whole("same", line, room) for line in after)
            return
        for action, i, j, k, end in opcodes(before, after, self.work) or between_ends(before, after):
            if action == "equal":
                yield from (whole("same", line, room) for line in after[k:end])
                continue
            both = min(j - i, end - k)
            for was, line in zip(before[i : i + both], after[k : k + both], strict=True):
                yield self._changed(was, line, room)
            yield from (whole("removed", line, room) for line in before[i + both : j])
            yield from (whole("added", line, room) for line in after[k + both : end])

    def _changed(self, was: "Line", line: "Line", room: Room) -> Row:
        cells = []
        for at in range(max(len(was.cells), len(line.cells))):
            texts = (one.cells[at] if at < len(one.cells) else "" for one in (was, line))
            cells.append(room.pieces(word_diff(*texts, self.work)))
        return Row("changed", cells, line.is_head)

    def _figure(self, part: Part, old: Block | None, new: Block | None, room: Room) -> None:
        before, after = photo_in(old), photo_in(new)
        if before and after and before.uid == after.uid:
            part.pictures = [picture("same", after)]
        else:
            part.pictures = [
                picture(kind, photo) for kind, photo in (("removed", before), ("added", after)) if photo
            ]
            if before and after:
                part.notes.append(_("Another picture."))
        captions = [plain_text(photo.caption) if photo else "" for photo in (before, after)]
        alts = [photo.alt if photo else "" for photo in (before, after)]
        if any(captions):
            part.words.append((_("Caption"), room.pieces(word_diff(*captions, self.work))))
        if alts[0] != alts[1]:  # an unchanged one the picture says by itself
            part.words.append((_("Alternative text"), room.pieces(word_diff(*alts, self.work))))
        if before and after and before.align != after.align:
            part.notes.append(_("It stands elsewhere beside the text."))


def whole(kind: str, line: "Line", room: Room) -> Row:
    """Return a line that came, went or stayed as a whole."""
    cells = [room.pieces([Piece(kind, cell)]) if cell else [] for cell in line.cells]
    return Row(kind, cells, line.is_head)


class Line(NamedTuple):
    """A line of a block, by which two blocks are compared: its cells, and whether they head a column."""

    cells: tuple[str, ...]
    is_head: bool = False


def lines(block: Block | None) -> list[Line]:
    """Return the lines of a block: rows of a table, items of a list, paragraphs of a quotation, lines of code."""
    if block is None:
        return []
    if block.kind == "table":
        return rows_of_table(block.html)
    if block.kind == "code":
        text = "".join(token.value for token in tokens(block.html) if token.kind == "text")
        return [Line((line,)) for line in text.splitlines()]
    return [Line((line,)) for line in block.text.split("\n")]


def rows_of_table(source: str) -> list[Line]:
    """Return the rows of a table with the text of each cell; a caption is a row of its own."""
    rows: list[Line] = []
    cells: list[str] = []
    words: list[str] = []
    heads = 0
    for token in tokens(source):
        match token.kind, token.value:
            case "start", "tr":
                cells, heads = [], 0
            case "start", "td" | "th" | "caption":
                words = []
                heads += token.value == "th"
            case "end", "td" | "th":
                cells.append(" ".join("".join(words).split()))
            case "end", "caption":
                rows.append(Line((" ".join("".join(words).split()),)))
            case "end", "tr":
                rows.append(Line(tuple(cells), heads == len(cells) > 0))
            case "text", text:
                words.append(text)
            case _:
                words.append(" ")
    return rows


def photo_in(block: Block | None) -> InlinePhoto | None:
    """Return the photo of a figure."""
    found: list[InlinePhoto] = []
    if block:
        replace_photos(block.html, lambda photo: found.append(photo) or "")
    return found[0] if found else None


def picture(kind: str, photo: InlinePhoto) -> Picture:
    """Return the photo of a figure as the page shows it."""
    return Picture(kind, PHOTO_PATH.format(uid=photo.uid), photo.alt)


def stays(step: Step) -> bool:
    """Return whether a block is what and where it was."""
    return bool(step.old and step.new and not step.moved and step.old.html == step.new.html)


def is_same(part: Part) -> bool:
    """Return whether nothing is marked in a part."""
    pieces = chain.from_iterable(cell for row in part.rows for cell in row.cells)
    words = chain.from_iterable(pieces for _label, pieces in part.words)
    return all(piece.kind == "same" for piece in chain(pieces, words))


def replaced_figures(found: Iterable[Step]) -> Iterator[Step]:
    """Yield the steps, what went before what came at each place; of figures there the one took the other's place."""

    def is_single(step: Step) -> bool:
        return step.old is None or step.new is None

    def apart(step: Step) -> Iterator[Step]:
        """A figure that has become a text, or the other way, is no longer the same."""
        if step.old and step.new and (step.old.kind == "figure") != (step.new.kind == "figure"):
            yield from (Step(step.old, None), Step(None, step.new))
        else:
            yield step

    for single, run in groupby(chain.from_iterable(map(apart, found)), key=is_single):
        if not single:
            yield from run
            continue
        steps_here = list(run)
        went = [step.old for step in steps_here if step.old]
        came = [step.new for step in steps_here if step.new]
        old_figures = [block for block in went if block.kind == "figure"]
        new_figures = [block for block in came if block.kind == "figure"]
        instead = {id(new): old for old, new in zip(old_figures, new_figures, strict=False)}
        paired = {id(old) for old in instead.values()}
        yield from (Step(block, None) for block in went if id(block) not in paired)
        yield from (Step(instead.get(id(block)), block) for block in came)


def notes(old: Block, new: Block) -> list[str]:
    """Return what else differs between two states of a block than its words: its kind, its links."""
    told = []
    if old.kind != new.kind:
        told.append(_("Before: %(kind)s") % {"kind": LABELS[old.kind]})
    else:
        was, level = (next(tokens(block.html)).value for block in (old, new))
        if was != level and old.kind == "heading":
            words = {"old": was[1], "new": level[1]}
            told.append(_("A heading of level %(new)s, before: of level %(old)s.") % words)
        elif was != level:
            told.append(_("With numbers now.") if level == "ol" else _("With bullets now."))
    before, after = links(old), links(new)
    came, went = list((after - before).elements()), list((before - after).elements())
    told += [_("Link added: %(address)s") % {"address": address} for address in came[:MAX_LINKS]]
    told += [_("Link removed: %(address)s") % {"address": address} for address in went[:MAX_LINKS]]
    return told


def links(block: Block) -> Counter[str]:
    """Return the addresses of the links in a block."""
    if "<a " not in block.html:
        return Counter()
    return Counter(
        token.attributes.get("href", "")
        for token in tokens(block.html)
        if token.kind == "start" and token.value == "a"
    )


# In words

WORDS = {"added": lambda: _("added"), "removed": lambda: _("removed")}
MOVED = {
    ("up", False): lambda: _("moved up"),
    ("up", True): lambda: _("moved up and changed"),
    ("down", False): lambda: _("moved down"),
    ("down", True): lambda: _("moved down and changed"),
}


def happened(before: Any, after: Any) -> str:
    """Return what became of something: "added", "removed" or "changed"."""
    if not before:
        return _("added")
    return _("changed") if after else _("removed")


def said(thing: str, what: str) -> str:
    """Return in a few words what became of something."""
    return _("%(thing)s %(what)s") % {"thing": thing, "what": what}


def counted(kind: str, number: int) -> str:
    """Return a number of blocks in words: "3 paragraphs"."""
    words = {
        "paragraph": ngettext("%(n)s paragraph", "%(n)s paragraphs", number),
        "heading": ngettext("%(n)s heading", "%(n)s headings", number),
        "figure": ngettext("%(n)s picture", "%(n)s pictures", number),
        "card": ngettext("%(n)s link card", "%(n)s link cards", number),
        "quote": ngettext("%(n)s quotation", "%(n)s quotations", number),
        "list": ngettext("%(n)s list", "%(n)s lists", number),
        "table": ngettext("%(n)s table", "%(n)s tables", number),
        "code": ngettext("%(n)s preformatted text", "%(n)s preformatted texts", number),
        "rule": ngettext("%(n)s rule", "%(n)s rules", number),
    }
    return words[kind] % {"n": number}


def in_short(old: Revision, new: Revision) -> str:
    """Return which parts differ in a few words: "headline, 3 paragraphs, tags"; no body is read for it."""
    above = [label_of(name) for name in new.differing(old, ABOVE)]
    beside = [label_of(name) for name in new.differing(old, BESIDE)]
    blocks = [counted(kind, number) for kind, number in touched(old.blocks, new.blocks).items()]
    return ", ".join([*above, *blocks, *beside])


def touched(old: Sequence[StoredBlock], new: Sequence[StoredBlock]) -> Counter[str]:
    """Return how many blocks of each kind moved, changed, came or went; one for another is one."""
    if old == new:
        return Counter()
    matched = matched_by_key(old, new)
    moved = fewest_moved(matched)
    kept = set(matched.values())
    changed = Counter(
        block["kind"]
        for at, block in enumerate(new)
        if at in moved or (at in matched and block != old[matched[at]])
    )
    came = Counter(block["kind"] for at, block in enumerate(new) if at not in matched)
    went = Counter(block["kind"] for place, block in enumerate(old) if place not in kept)
    return changed + (came | went)


class Pair(NamedTuple):
    """The two revisions that somebody wants to compare: the earlier one, if there is one, and the later one."""

    old: Revision | None
    new: Revision

    @property
    def is_one(self) -> bool:
        """Return whether both are the same."""
        return self.old == self.new


def pair(readable: QuerySet[Revision], live: int | None, old: str, new: str) -> Pair | None:
    """Return the two revisions that an address asks for, the earlier one first; None if one is not there.

    Each is a number or the word "live". Without `new` it is the newest; without `old` the one before; with neither,
    the newest is held against the live one.
    """

    def found(word: str) -> Revision | None:
        if word == "live":
            return readable.filter(pk=live).first() if live else None
        is_number = word.isascii() and word.isdigit() and len(word) < 10
        return readable.filter(number=int(word)).first() if is_number else None

    later = found(new) if new else readable.first()
    if later is None:
        return None
    if old:
        earlier = found(old)
        if earlier is None:
            return None
    else:
        earlier = found("live") if not new and live != later.pk else None
        earlier = earlier or readable.filter(number__lt=later.number).first()
    if earlier and earlier.number > later.number:
        earlier, later = later, earlier
    return Pair(earlier, later)


class Listed(NamedTuple):
    """A revision in the list: the one before it, and what differs between the two in a few words."""

    revision: Revision
    before: Revision | None
    changed: str


def listed(revisions: QuerySet[Revision], most: int) -> list[Listed]:
    """Return the newest revisions, each held against the one before it; one query, and no bodies."""
    rows = list(revisions.select_related("created_by").defer("body")[: most + 1])
    return [
        Listed(revision, before, in_short(before, revision) if before else "")
        for revision, before in zip_longest(rows, rows[1:])
    ][:most]
