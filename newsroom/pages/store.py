"""What a store of pages can do."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from enum import Enum
from typing import Any, Protocol

from newsroom.pages.address import Address
from newsroom.pages.index import PurgeAct
from newsroom.pages.memory import Held
from newsroom.pages.stored import LinkedFile, StoredPage


class Kept(Enum):
    """What became of a page that was to be stored."""

    STORED = "stored"
    LATE = "late"  # one of its things changed while it was rendered; the next render can be stored
    FENCED = "fenced"  # one of its things is being changed
    REFUSED = "refused"  # nothing of its kind is ever stored, or there is no room


class Fence(Protocol):
    """What keeps pages with some keys out of the store while a transaction goes on."""

    act: str  # the name of what was purged with it, in the ledger
    pages: int  # how many pages that were

    def free(self) -> None:
        """Let pages with these keys be stored again: the transaction has ended."""


class Ledger(Protocol):
    """What people are told of a store. Each question may raise what UNREADABLE names."""

    def numbers(self) -> dict[str, Any]:
        """Return how much there is of what."""

    def acts(self, number: int) -> list[PurgeAct]:
        """Return the latest acts, newest first."""

    def act(self, id: str) -> PurgeAct | None:
        """Return the act of this name, if it is remembered."""

    def acts_about(self, entries: Iterable[int]) -> list[PurgeAct]:
        """Return the acts of these entries of the log, oldest first."""


class Store(Protocol):
    """Where pages are kept, and what keeps old ones out."""

    keeps: bool  # whether it is of any use to ask it for pages
    ledger: Ledger | None  # None: nothing is purged, so there is nothing to tell

    def place(self) -> list[str]:
        """Return a few lines on where the pages lie, for those who run the site."""

    def fence(self, keys: Iterable[str], about: int | None = None) -> Fence:
        """Remove the pages that carry these keys; store none until the fence is freed or its transaction is over."""

    def find(self, address: Address) -> StoredPage | None:
        """Return the page that is stored for an address and holds now."""

    def held(self, address: Address) -> Held | None:
        """Return that page as whoever has it can tell for himself whether it is still right."""

    def mark(self) -> int:
        """Return a mark of now; what is fenced later is later than this."""

    def keep(self, address: Address, page: StoredPage, keys: set[str], mark: int) -> tuple[Kept, StoredPage]:
        """Store a page whose render began at `mark`, unless one of its keys was fenced since.

        Return what became of it, and the page as it is to be answered.
        """

    def link(self, address: Address, linked: LinkedFile, keys: set[str], mark: int) -> Kept:
        """Lead nginx to the file that is answered for an address, on the same terms as a page is stored."""

    def turn(self, address: Address) -> AbstractContextManager["Turn"]:
        """Wait until nobody else renders the page of this address."""

    def discard(self) -> None:
        """Remove all pages, and store none whose render has begun already."""

    def serve(self) -> None:
        """Begin to answer readers."""


class Turn(Protocol):
    """Somebody's turn to render a page."""

    page: StoredPage | None  # what another one stored meanwhile

    def pass_on(self) -> None:
        """Say that what was rendered could not be stored, but that the next one can be."""


class Freed:
    """A fence that fences nothing."""

    act, pages = "", 0

    def free(self) -> None:
        """Do nothing."""


class NullStore:
    """Keep no page: each one is rendered anew."""

    keeps = False
    ledger = None

    def place(self) -> list[str]:
        """Return nothing: they lie nowhere."""
        return []

    def fence(self, keys: Iterable[str], about: int | None = None) -> Fence:
        """Do nothing: there is nothing stored."""
        return Freed()

    def find(self, address: Address) -> StoredPage | None:
        """Find nothing."""
        return None

    def mark(self) -> int:
        """Return a mark that means nothing."""
        return 0

    def keep(self, address: Address, page: StoredPage, keys: set[str], mark: int) -> tuple[Kept, StoredPage]:
        """Store nothing."""
        return Kept.REFUSED, page

    def link(self, address: Address, linked: LinkedFile, keys: set[str], mark: int) -> Kept:
        """Link nothing."""
        return Kept.REFUSED

    def turn(self, address: Address) -> AbstractContextManager[Turn]:
        """Raise: without a store everybody renders at once."""
        raise NotImplementedError

    def discard(self) -> None:
        """Do nothing: there is nothing stored."""

    def serve(self) -> None:
        """Do nothing."""
