from io import BytesIO

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from articles.images import MAX_BYTES
from newsroom import uploads


def post(**files):
    data = {"words": "kept"}
    data |= {name: SimpleUploadedFile(f"{name}.jpg", content) for name, content in files.items()}
    return RequestFactory().post("/", data)


def test_files_of_usual_size_arrive_whole():
    request = post(small=b"a" * 1_000, large=b"b" * 1_500_000)
    assert request.FILES["small"].read() == b"a" * 1_000
    assert request.FILES["large"].read() == b"b" * 1_500_000
    assert request.POST["words"] == "kept"
    request.close()


def test_of_a_file_too_large_only_so_much_is_kept_that_its_form_can_say_so(monkeypatch):
    monkeypatch.setattr(uploads, "MAX_FILE_BYTES", 2_000_000)
    request = post(huge=b"a" * 9_000_000, other=b"b" * 1_900_000)
    assert 2_000_000 < request.FILES["huge"].size < 2_200_000
    assert request.FILES["other"].size == 1_900_000
    assert request.POST["words"] == "kept"
    request.close()


def test_more_is_kept_than_a_photo_may_have():
    assert uploads.MAX_FILE_BYTES > MAX_BYTES


def test_a_request_that_says_it_is_too_large_is_not_read():
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("a.jpg", b"a")})
    request.META["CONTENT_LENGTH"] = str(uploads.MAX_REQUEST_BYTES + 1)
    unread = BytesIO(b"never read")
    request._stream = unread
    with pytest.raises(RequestDataTooBig):
        _ = request.FILES
    assert unread.tell() == 0


@pytest.mark.django_db
def test_such_a_request_is_answered_and_no_error_of_ours(client):
    file = SimpleUploadedFile("a.jpg", b"a")
    assert client.post("/admin/login/", {"file": file}, CONTENT_LENGTH="999999999").status_code == 400
