"""What the background process does for articles (setting WORK_JOBS)."""

import logging
import time
from datetime import timedelta

from django.utils import timezone

from articles import due
from articles.images import BadPicture
from articles.models import DraftLink, Photo, Sitting
from articles.photos import Outdated, add_renditions, encode_missing

# Other jobs wait meanwhile: begin no further photo after so many seconds.
BUDGET = 4.0
# How long a try may take before the photo comes again, doubled with each; for a process that was killed, or a full
# disk. After the last (some seventeen hours) there is something wrong with the photo.
FIRST_PAUSE = timedelta(minutes=1)
MAX_TRIES = 10

log = logging.getLogger("articles.photos")


def publish_due() -> int:
    """Publish the changes of live articles whose time has come; return of how many."""
    return due.carry_out()


def make_renditions() -> int:
    """Make what photos lack: crops, WebP and AVIF; return of how many photos."""
    began, done = time.monotonic(), 0
    while time.monotonic() - began < BUDGET and (photo := _taken()):
        done += _made(photo)
    return done


def forget_draft_links() -> int:
    """Forget draft links that have not worked for long; return how many."""
    return DraftLink.objects.forget_old()


def forget_sittings() -> int:
    """Forget open forms that have been silent for long, and text that was kept and never taken up; return how many."""
    return Sitting.objects.forget_old()


def _taken() -> Photo | None:
    """Return the photo that has waited longest, put off so that no other process takes it too; None without one."""
    while photo := Photo.objects.to_encode().first():
        seen = Photo.objects.filter(pk=photo.pk, encode_at=photo.encode_at)
        if photo.encode_tries >= MAX_TRIES:
            if seen.update(encode_at=None):
                log.error("Photo %s: no smaller files after %s tries, given up", photo.pk, MAX_TRIES)
            continue
        until = timezone.now() + FIRST_PAUSE * 2**photo.encode_tries
        if seen.update(encode_at=until, encode_tries=photo.encode_tries + 1):
            photo.encode_at = until
            return photo
    return None


def _made(photo: Photo) -> bool:
    """Make the files of a photo; say once in the log why it cannot be done, and leave it then."""
    try:
        made = encode_missing(photo)
    except (BadPicture, FileNotFoundError) as error:
        # It would be the same next time.
        log.error("Photo %s cannot be encoded, left as it is: %s", photo.pk, error)
        Photo.objects.filter(pk=photo.pk, encode_at=photo.encode_at).update(encode_at=None)
        return False
    try:
        add_renditions(photo, made)
    except Outdated:
        return False
    return True
