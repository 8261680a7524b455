"""What the form of an article tells about the work at it: who has it, what is said, what is to be done."""

from functools import cached_property

from django.db.models import F

from articles.admin.states import due_sentence
from articles.admin.verbs.assigning import assigned_words
from articles.models import Article, Remark, Task
from newsroom.models import Site

# So many remarks and tasks stand beside the text; the pages have them all.
SHOWN = 3


class Work:
    """The work at one article, in a few queries."""

    def __init__(self, article: Article, site: Site) -> None:
        self.article, self.site = article, site

    @cached_property
    def assigned(self) -> str:
        """Who has it and until when."""
        return assigned_words(self.article, self.site)

    @cached_property
    def remarks(self) -> list[Remark]:
        """The first open remarks."""
        return list(self.article.remarks.open().select_related("created_by")[:SHOWN])

    @cached_property
    def remark_number(self) -> int:
        """How many remarks are open."""
        return self.article.remarks.open().count() if len(self.remarks) == SHOWN else len(self.remarks)

    @cached_property
    def tasks(self) -> list[tuple[Task, str]]:
        """What is first to be done at it, each with its due time in words."""
        rows = (
            self.article.tasks.open()
            .select_related("assignee")
            .order_by(F("due_at").asc(nulls_last=True), "pk")
        )
        return [(task, due_sentence(task.due_at, self.site.zone)) for task in rows[:SHOWN]]

    @cached_property
    def task_number(self) -> int:
        """How many tasks are open."""
        return self.article.tasks.open().count() if len(self.tasks) == SHOWN else len(self.tasks)
