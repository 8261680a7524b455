"""How much of an upload is taken in, whoever sends it to whatever address."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

# More than any form of ours takes; the rest of such a request is not even read.
MAX_REQUEST_BYTES = 120_000_000
# Of one file so much is kept that its form can say it is too large (photos: articles.images.MAX_BYTES).
MAX_FILE_BYTES = 31_000_000


class BoundedUpload(FileUploadHandler):
    """Stop what is too large before it fills memory or disk; stands before Django's own handlers."""

    kept = 0

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  (Django's name)
        content_length: int,
        boundary: bytes,
        encoding: Any = None,
    ) -> None:
        """Refuse a request that says of itself that it is too large."""
        if content_length > MAX_REQUEST_BYTES:
            raise RequestDataTooBig(f"An upload of more than {MAX_REQUEST_BYTES} bytes.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Count each file by itself."""
        super().new_file(*args, **kwargs)
        self.kept = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Hand the piece on, or drop it once there is more than any form accepts."""
        self.kept += len(raw_data)
        return raw_data if self.kept - len(raw_data) <= MAX_FILE_BYTES else None

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers behind."""
