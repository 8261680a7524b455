"""What the background process does for comments (setting WORK_JOBS)."""

from comments.models import Comment, Report
from comments.models.forgetting import BATCH


def forget_addresses() -> int:
    """Forget the addresses whose time is over; return at how many comments and reports.

    Hashed network addresses, and the e-mail addresses of reports that were closed long ago.
    """
    total = 0
    for forget in (
        Comment.objects.forget_addresses,
        Report.objects.forget_addresses,
        Report.objects.forget_emails,
    ):
        while True:
            forgotten = forget()
            total += forgotten
            if forgotten < BATCH:
                break
    return total
