"""Where static files come from."""

from collections.abc import Iterator, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


def add_headers(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """Let an SVG that is opened by itself run and load nothing, as an uploaded file; WhiteNoise asks for each file."""
    if path.lower().endswith((".svg", ".svgz")):
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed files once `collectstatic` ran; plain ones before, so that a fresh clone works."""

    manifest_strict = False

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Hash our own files; CKEditor's stay as they are, for it finds its parts by unhashed path."""
        ours = {name: path for name, path in paths.items() if not name.startswith("ckeditor/ckeditor/")}
        yield from super().post_process(ours, dry_run, **options)

    def url(self, name: str, force: bool = False) -> str:
        """Return the address of the file, hashed if its hash is known."""
        if self.hash_key(self.clean_name(urlsplit(name).path)) not in self.hashed_files:
            return StaticFilesStorage.url(self, name)
        return super().url(name, force)
