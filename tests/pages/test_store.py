"""The store by itself: what is found, what is kept out, what is left when somebody dies or the disk fails."""

import os
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from hypothesis import given
from hypothesis import strategies as st

from newsroom.pages import files, index, nginx
from newsroom.pages.files import FileStore
from newsroom.pages.index import Index
from newsroom.pages.memory import Held, Memory
from newsroom.pages.store import Kept
from newsroom.pages.stored import LinkedFile
from tests.pages.base import address, clock_at, files_of, keep


def test_a_stored_page_is_found_by_its_host_path_and_query_alone(
    store: FileStore, another: FileStore
) -> None:
    assert store.find(address()) is None
    assert keep(store) is Kept.STORED
    for process in (store, another, store):
        found = process.find(address())
        assert found is not None
        assert (found.status, found.body) == ("200 OK", b"Front")
    assert store.find(address("/de/")) is None
    assert store.find(address(query="before=3")) is None
    assert store.find(address()._replace(host="other.example")) is None


def test_a_fence_removes_its_pages_and_no_others_and_none_is_stored_until_it_is_freed(
    store: FileStore, another: FileStore
) -> None:
    keep(store)
    keep(store, address("/de/"), keys=["front-de"])
    assert another.find(address())  # it is in the other's memory now
    fence = store.fence(["front-en"])
    assert store.find(address()) is another.find(address()) is None
    assert another.find(address("/de/"))
    assert keep(another) is keep(store, keys=["x", "front-en"]) is Kept.FENCED
    fence.free()
    assert keep(another) is Kept.STORED
    assert store.find(address())


def test_what_a_fence_removes_is_taken_off_the_room_taken_once(store: FileStore) -> None:
    # A file tells when its page was made, in more or fewer digits.
    keep(store, text="x" * 500, since=1000.0)
    keep(store, address("/de/"), keys=["front-de"], text="y" * 700)
    both = store.index.bytes()
    fence = store.fence(["front-en"])
    left = store.index.bytes()
    assert 0 < left < both
    fence.free()
    keep(store, text="x" * 500, since=1000.0)
    assert store.index.bytes() == both
    store.discard()
    assert store.index.bytes() == 0


@pytest.mark.parametrize("begun", ["before the fence", "before it was freed"])
def test_a_page_whose_render_began_before_the_end_of_a_change_is_not_stored(
    store: FileStore, begun: str
) -> None:
    mark = store.mark()
    fence = store.fence(["front-en"])
    if begun == "before it was freed":
        mark = store.mark()
    fence.free()
    assert keep(store, mark=mark) is Kept.LATE
    assert store.find(address()) is None
    assert keep(store, address("/de/"), keys=["front-de"], mark=mark) is Kept.STORED


def test_a_fence_stands_until_the_last_of_two_is_freed(store: FileStore) -> None:
    first, second = store.fence(["front-en"]), store.fence(["front-en", "front-de"])
    first.free()
    assert keep(store) is Kept.FENCED
    second.free()
    assert keep(store) is Kept.STORED


@pytest.mark.django_db(transaction=True)
def test_a_fence_that_was_let_go_is_taken_down_by_the_next(store: FileStore, another: FileStore) -> None:
    fence = store.fence(["front-en"])
    assert keep(another) is Kept.FENCED
    del fence
    # Whoever takes it down has begun before, so the page after is the first to be stored.
    assert keep(another) is Kept.LATE
    assert keep(another) is Kept.STORED
    assert not list(store.fences.iterdir())


def test_a_forgotten_fence_keeps_out_what_was_rendered_before_it(store: FileStore) -> None:
    mark = store.mark()
    store.fence(["front-en"]).free()
    with clock_at(time.time() + 2 * 3600):
        store.fence(["other"]).free()
    with store.index.writing():
        assert not store.index.db.execute("SELECT 1 FROM fenced WHERE key = 'front-en'").fetchone()
    assert keep(store, mark=mark) is Kept.LATE


# Instants


def test_a_page_is_served_from_when_it_was_made_until_its_instant(store: FileStore) -> None:
    now = time.time()
    assert keep(store, until=now + 60) is Kept.STORED
    for moment, is_found in ((now + 59.9, True), (now + 60, False), (now + 1e6, False), (now - 60, False)):
        with clock_at(moment):
            assert bool(store.find(address())) is is_found, moment


def test_a_page_that_is_over_is_not_stored(store: FileStore) -> None:
    assert keep(store, until=time.time() - 0.001) is Kept.REFUSED
    assert store.find(address()) is None


# Versions


def test_each_change_within_a_second_has_another_etag_and_the_same_content_has_the_same(
    store: FileStore,
) -> None:
    tags = []
    with clock_at(time.time()):
        for text in ("Comments (1)", "Comments (2)", "Comments (3)", "Comments (3)", "Comments (1)"):
            store.fence(["front-en"]).free()
            keep(store, text=text)
            found = store.find(address())
            assert found
            tags.append(found.plain.etag)
    assert len(set(tags)) == 4
    assert tags[2] == tags[3]


def test_two_releases_that_serve_at_once_give_no_two_contents_the_same_etag(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "release_name", lambda: "b" * 16)
    newer = FileStore()
    tags = []
    with clock_at(time.time()):
        for number in range(6):
            store.fence(["front-en"]).free()
            process = (store, newer)[number % 2]
            keep(process, text=f"Comments ({number})")
            found = process.find(address())
            assert found
            tags.append(found.plain.etag)
    assert len(set(tags)) == 6


def test_a_copy_for_nginx_has_the_time_that_makes_the_same_etag(store: FileStore) -> None:
    text = "A long front page. " * 50
    headers = nginx_headers()
    keep(store, text=text, headers=headers)
    found = store.find(address())
    assert found
    copy = store.folder / "current" / "lasting" / "testserver" / "en" / "index.html"
    for path, variant in ((copy, found.plain), (copy.with_name("index.html.gz"), found.packed)):
        stat = path.stat()
        assert f'"{int(stat.st_mtime):x}-{stat.st_size:x}"' == variant.etag
        assert path.read_bytes() == variant.body[0]


def nginx_headers(**more: str) -> list[tuple[str, str]]:
    """Return the headers that nginx gives a page of the English front page's kind."""
    return list(
        {
            **nginx.HEADERS,
            "content-type": "text/html; charset=utf-8",
            "content-language": "en",
            **more,
        }.items()
    )


def test_a_page_with_headers_of_its_own_gets_no_copy(store: FileStore) -> None:
    for headers in (nginx_headers(**{"content-language": "fr"}), nginx_headers(link="</x>")):
        store.fence(["front-en"]).free()
        assert keep(store, headers=headers) is Kept.STORED
        assert all(name.startswith("pages/") for name in files_of(store))


def test_a_page_that_ends_by_itself_lies_apart_with_its_clock(store: FileStore) -> None:
    keep(store, headers=nginx_headers(), until=time.time() + 3000)
    assert copies_of(store) >= {"timed/testserver/en/index.html"}
    path = store.folder / store.release / "timed/testserver/en/index.html.until"
    assert files.clocks.shows(path)
    assert not files.clocks.shows(path, time.time() + 3000)
    # The next one of the address never ends; nothing of this one is left.
    store.fence(["front-en"]).free()
    keep(store, headers=nginx_headers())
    assert copies_of(store) >= {"lasting/testserver/en/index.html"}
    assert not any(name.startswith("timed/") for name in copies_of(store))
    assert not os.path.lexists(path)


def copies_of(store: FileStore) -> set[str]:
    """Return the copies that nginx may answer with."""
    return {name for name in files_of(store) if not name.startswith("pages/")}


def quarters_of(store: FileStore) -> list[int]:
    """Return the quarters of an hour in which the English front page has a copy."""
    return sorted(int(name.split("/")[1]) for name in copies_of(store) if name.startswith("quarters/"))


def test_a_page_lies_under_the_quarters_that_it_holds_all_through(store: FileStore) -> None:
    quarter = files.clocks.QUARTER
    start = int(time.time()) // quarter * quarter + 500
    with clock_at(start):
        keep(store, headers=nginx_headers())
        now = start // quarter
        assert quarters_of(store) == list(range(now, now + files.clocks.QUARTERS))
        # Whoever fences removes all of them, also those of a quarter that is over.
        store.fence(["front-en"]).free()
        assert not copies_of(store)
        # nginx may take up to a second after the quarter for its last one.
        for until, held in ((499, 0), (500, 1), (499 + quarter, 1), (500 + quarter, 2)):
            keep(store, headers=nginx_headers(), until=start + until + files.clocks.NGINX_LATE)
            assert len(quarters_of(store)) == held, until
            store.fence(["front-en"]).free()
        keep(store, headers=nginx_headers())
    # Its folders go when the quarters are over.
    with clock_at(start + 2 * quarter):
        keep(store, address("/en/tags/"), keys={"tags"}, headers=nginx_headers())
        assert min(quarters_of(store)) == now + 2
        store.fence(["front-en", "tags"]).free()
        assert not copies_of(store)


@given(st.integers(0, 10**10), st.one_of(st.none(), st.floats(0, 100_000)))
def test_nginx_never_reads_a_quarter_in_which_a_page_ends(now: int, left: float | None) -> None:
    until = None if left is None else now + left
    for number in files.clocks.quarters(until, now):
        assert number >= now // files.clocks.QUARTER
        # Its last look at a file there, with its clock behind.
        assert until is None or (number + 1) * files.clocks.QUARTER + files.clocks.NGINX_LATE <= until


def test_an_article_that_lasts_lies_where_no_time_is_asked(store: FileStore) -> None:
    keep(store, address("/en/2026/11/26/bees/"), headers=nginx_headers())
    assert copies_of(store) == {"lasting/testserver/en/2026/11/26/bees/index.html"}


# Files that are answers by themselves

PHOTO = address("/media/photos/ab/abcdef.jpg")


def link(store: FileStore, until: float | None = None, mark: int | None = None, **headers: str) -> Kept:
    """Have nginx led to a photo; return what became of it."""
    file = store.folder / "abcdef.jpg"
    file.write_bytes(b"JPEG")
    told = {**nginx.HEADERS, "content-type": "image/jpeg", **nginx.PHOTO_HEADERS, **headers}
    linked = LinkedFile(file, tuple(told.items()), until)
    return store.link(PHOTO, linked, {"photo-1", "article-1"}, store.mark() if mark is None else mark)


def test_a_photo_is_a_link_until_one_of_its_keys_is_fenced(store: FileStore, another: FileStore) -> None:
    copy = store.folder / "current/lasting/testserver/media/photos/ab/abcdef.jpg"
    for key in ("photo-1", "article-1"):
        assert link(store) is link(another) is Kept.STORED
        assert copy.is_symlink()
        assert copy.read_bytes() == b"JPEG"
        assert store.find(PHOTO) is None, "the application sends it itself"
        before = store.mark()
        fence = another.fence([key])
        assert not os.path.lexists(copy)
        assert link(store) is Kept.FENCED
        fence.free()
        assert link(store, mark=before) is Kept.LATE
        assert not os.path.lexists(copy)
    assert store.index.bytes() < 100


def test_the_link_of_a_photo_whose_rights_end_has_a_clock_and_gets_another(store: FileStore) -> None:
    copy = store.folder / "current/timed/testserver/media/photos/ab/abcdef.jpg"
    assert link(store, until=time.time() - 1) is Kept.REFUSED
    end = time.time() + 40 * 24 * 3600
    assert link(store, until=end) is Kept.STORED
    assert files.clocks.shows(Path(f"{copy}.until"))
    # A clock shows for a few weeks at most.
    with clock_at(time.time() + 30 * 24 * 3600):
        assert not files.clocks.shows(Path(f"{copy}.until"))
        assert link(store, until=end) is Kept.STORED
        assert files.clocks.shows(Path(f"{copy}.until"))
    store.fence(["photo-1"]).free()
    assert not files_of(store)


def test_a_photo_with_headers_of_its_own_is_not_linked(store: FileStore) -> None:
    assert link(store, **{"cache-control": "no-store"}) is Kept.REFUSED
    assert not files_of(store)


# Who dies, and what fails


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


def test_who_is_killed_after_the_rename_leaves_a_page_that_is_purged_all_the_same(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Index, "stored", lambda *args: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        keep(store, headers=nginx_headers())
    monkeypatch.undo()
    assert len(files_of(store)) == 2 + files.clocks.QUARTERS
    left = store.find(address())
    assert left
    store.fence(["front-en"]).free()
    assert not files_of(store)
    # Somebody has it with its ETag.
    keep(store, text="Other", headers=nginx_headers())
    found = store.find(address())
    assert found
    assert found.version > left.version


def test_what_is_full_or_closed_stores_nothing_and_serves_on(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store, address("/de/"), keys=["front-de"])
    monkeypatch.setattr(files.os, "rename", full)
    assert keep(store) is Kept.REFUSED
    assert store.find(address()) is None
    assert store.find(address("/de/"))
    assert not list(store.new.iterdir())
    monkeypatch.undo()
    monkeypatch.setattr(Index, "mark", lambda self: (_ for _ in ()).throw(sqlite3.OperationalError))
    assert keep(store, mark=store.mark()) is Kept.LATE


def full(*paths: Any) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("failing", ["unlink", "index", "lock"])
def test_what_cannot_be_purged_may_not_be_changed(
    store: FileStore, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    keep(store)
    if failing == "unlink":
        monkeypatch.setattr(files.os, "unlink", full)
    elif failing == "lock":
        monkeypatch.setattr(files.os, "open", full)
    else:
        monkeypatch.setattr(
            Index, "fence", lambda *args: (_ for _ in ()).throw(sqlite3.OperationalError("locked"))
        )
    with pytest.raises(OperationalError, match="cannot be removed"):
        store.fence(["front-en"])


def test_without_its_index_nothing_that_is_left_is_served(store: FileStore, another: FileStore) -> None:
    keep(store)
    mark = store.mark()
    for path in store.folder.glob("index.sqlite3*"):
        path.unlink()
    fence = another.fence(["front-en"])
    assert store.find(address()) is None
    fence.free()
    assert keep(store, mark=mark) is Kept.LATE
    assert keep(store) is Kept.STORED


def test_a_folder_that_was_removed_under_a_running_site_is_made_anew(
    store: FileStore, another: FileStore
) -> None:
    keep(store)
    shutil.rmtree(store.folder)
    assert store.find(address()) is None
    fence = another.fence(["front-en"])
    assert keep(store) is Kept.FENCED
    fence.free()
    assert keep(store) is Kept.STORED
    assert another.find(address())
    shutil.rmtree(store.folder)
    store.fence(["front-en"]).free()
    assert os.readlink(store.folder / "current") == store.release


def test_a_file_that_is_no_page_is_no_page(store: FileStore) -> None:
    keep(store)
    [name] = files_of(store)
    for content in (b"", b"{}", b"{}\n", b"[]\n", b"\xff\n", b'{"status": 1}\nx'):
        (store.folder / store.release / name).write_bytes(content)
        assert store.find(address()) is None


def test_another_run_of_the_machine_begins_without_pages(
    store: FileStore, another: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store)
    another.serve()
    assert store.find(address())
    for run in ("another", ""):
        monkeypatch.setattr(files, "_boot", lambda run=run: run)
        another.serve()
        assert store.find(address()) is None
        keep(store)


def test_a_new_release_finds_no_page_of_the_old_one_and_verbs_purge_both(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "release_name", lambda: "b" * 16)
    newer = FileStore()
    newer.serve()
    keep(store)
    assert newer.find(address()) is None
    keep(newer)
    assert os.readlink(store.folder / "current") == "b" * 16
    newer.fence(["front-en"]).free()
    assert store.find(address()) is newer.find(address()) is None
    keep(store)
    monkeypatch.setattr(files, "release_name", lambda: "c" * 16)
    FileStore().serve()
    assert not (store.folder / store.release).exists()


def test_two_processes_that_begin_to_serve_clear_the_same_release_at_once(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store)
    remove, removed = files.shutil.rmtree, []

    def as_the_second(folder: Path, *args: Any, **options: Any) -> None:
        remove(folder, *args, **options)
        removed.append(folder)
        if len(removed) == 1:
            raise FileNotFoundError(folder / "pages")

    for release in ("b" * 16, "c" * 16):
        monkeypatch.setattr(files, "release_name", lambda release=release: release)
        if release == "c" * 16:
            monkeypatch.setattr(files.shutil, "rmtree", as_the_second)
        FileStore().serve()
    assert removed == [store.folder / store.release]
    assert not removed[0].exists()


def test_all_pages_are_discarded_and_none_that_was_begun_is_stored(store: FileStore) -> None:
    keep(store)
    mark = store.mark()
    store.discard()
    assert not files_of(store)
    assert keep(store, mark=mark) is Kept.LATE


# Room


def test_the_store_keeps_its_bound_and_spares_what_is_asked_for(store: FileStore) -> None:
    store.max_bytes = 100_000
    text = os.urandom(800).hex()
    keep(store, text=text)
    for number in range(1, 100):
        keep(store, address(query=f"before={number}"), text=text + str(number))
    total = sum((store.folder / store.release / name).stat().st_blocks * 512 for name in files_of(store))
    assert 50_000 < total == store.index.bytes() <= 100_000
    # The index keeps its bound too.
    rows = store.index.db.execute(
        "SELECT (SELECT count(*) FROM page), (SELECT count(*) FROM page_key)"
    ).fetchone()
    assert rows == (len(files_of(store)),) * 2
    assert store.find(address()), "a list's later pages go first"
    assert store.find(address(query="before=99"))
    assert not store.find(address(query="before=1"))


def test_of_purged_pages_the_last_are_remembered(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "REMEMBERED", 3)
    for number in range(10):
        keep(store, address(query=f"before={number}"))
        store.fence(["front-en"]).free()
    assert store.index.db.execute("SELECT count(*) FROM page").fetchone()[0] <= 5
    assert store.index.keys_of(store._name(address(query="before=9"))) == {"front-en"}


def test_a_page_that_is_too_large_is_not_stored(store: FileStore) -> None:
    store.max_bytes = 60_000
    assert keep(store, text="x" * 4000) is Kept.REFUSED


def test_memory_is_bounded_and_says_how_much_it_holds(store: FileStore) -> None:
    memory = Memory(4, 10_000)
    for number in range(9):
        at = address(f"/{number}/")
        keep(store, at, keys=[f"k{number}"])
        held = store.held(at)
        assert held
        memory.hold((at.host, "", at.path, ""), held)
        memory.hold((at.host, "", at.path, ""), held)
    assert [asked[2] for asked in memory.pages] == ["/5/", "/6/", "/7/", "/8/"]
    assert memory.bytes == sum(held.page.size for held in memory.pages.values()) <= 10_000
    small = Memory(4, 1)
    for asked, held in memory.pages.items():
        small.hold(asked, held)
    assert len(small.pages) == 1, "one that is too large alone is held for those who ask next"


def test_who_has_a_page_in_memory_knows_when_it_is_removed_or_another(
    store: FileStore, tmp_path: Path
) -> None:
    def held() -> Held:
        keep(store)
        found = store.held(address())
        assert found
        assert found.is_right()
        return found

    first = held()
    store.fence(["front-en"]).free()
    assert not first.is_right()
    second = held()
    keep(store, text="Other")
    assert not second.is_right()
    # A backup gives its file another name, which stays.
    store.fence(["front-en"]).free()
    third = held()
    os.link(store._path(store._name(address())), tmp_path / "backup")
    fourth = held()
    store.fence(["front-en"]).free()
    assert not third.is_right()
    assert not fourth.is_right()
    fifth = held()
    shutil.rmtree(store.folder)
    assert not fifth.is_right()


def test_the_file_of_a_page_is_closed_with_the_last_who_has_it(store: FileStore) -> None:
    keep(store)
    held = store.held(address())
    assert held
    memory = Memory()
    memory.hold(("testserver", "", "/en/", ""), held)
    number = held.descriptor
    memory.drop(("testserver", "", "/en/", ""))
    assert os.fstat(number), "a request is being answered with it"
    del held
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(number)


def test_names_that_the_disk_or_nginx_cannot_bear_get_no_copy(store: FileStore) -> None:
    for path in ("/en//x/", "/en/../x/", "/en/./", f"/en/{'x' * 250}/", "/en/\xff\xfe/"):
        assert files._copy(address(path)) == "", path
        assert keep(store, address(path), headers=nginx_headers()) is Kept.STORED
    assert files._copy(address("/ar/2025/07/11/\xd9\x85/")) == "testserver/ar/2025/07/11/\u0645/index.html"
    assert files._copy(address("/en/feed.xml")) == "testserver/en/feed.xml"


def test_a_store_that_cannot_be_made_is_an_error_at_the_start(tmp_path: Path, settings: Any) -> None:
    settings.PAGES_DIR = tmp_path / "file" / "pages"
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        FileStore()
