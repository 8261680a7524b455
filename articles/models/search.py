"""What full text search knows of an article; the engine's own index hangs on it (see articles/search/)."""

from django.db import models

from newsroom.models import LANGUAGE_CODE_LENGTH


class SearchDocument(models.Model):
    """That an article is in the search index, and at which place: the later it was published, the higher."""

    article = models.OneToOneField(
        "articles.Article", models.CASCADE, primary_key=True, related_name="search_document"
    )
    language = models.CharField(max_length=LANGUAGE_CODE_LENGTH)
    # The row's number in the engine's index, which can be read from its end: the newest first.
    place = models.BigIntegerField(unique=True)
    # Of what was indexed: tells a row that has to be made anew.
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.article_id}: {self.place}"


class SearchRow(models.Model):
    """A row of the engine's own index, for the ORM to join; made by migration 0002, written by articles.search only.

    On SQLite a table of FTS5, on PostgreSQL one with a tsvector. Nothing in the database refers to it or from it.
    """

    place = models.OneToOneField(
        SearchDocument,
        models.DO_NOTHING,
        to_field="place",
        primary_key=True,
        db_column="rowid",
        db_constraint=False,
        related_name="row",
    )
    words = models.TextField()

    class Meta:
        managed = False
        db_table = "articles_search"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.place_id)
