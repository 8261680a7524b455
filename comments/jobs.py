"""What the background process does for comments (setting WORK_JOBS)."""

from comments.models import BATCH, Comment


def forget_addresses() -> int:
    """Forget the hashed network addresses whose time is over; return at how many comments."""
    total = 0
    while True:
        forgotten = Comment.objects.forget_addresses()
        total += forgotten
        if forgotten < BATCH:
            return total
