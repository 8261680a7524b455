"""The engine's own search index: a table that Django cannot describe, for each database its own."""

import django.db.models.deletion
from django.db import migrations, models


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        # `ascii` leaves everything beyond ASCII alone: the words come ready made, with spaces between them. Sizes of
        # columns are what bm25 asks for, and we do not.
        schema_editor.execute(
            "CREATE VIRTUAL TABLE articles_search "
            "USING fts5(headline, standfirst, body, facts, tokenize = 'ascii', columnsize = 0)"
        )
    else:
        schema_editor.execute(
            "CREATE TABLE articles_search (rowid bigint PRIMARY KEY, words tsvector NOT NULL)"
        )
        schema_editor.execute("CREATE INDEX search_by_word ON articles_search USING gin (words)")


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE articles_search")
    # The documents tell what is in the index: without it, nothing.
    apps.get_model("articles", "SearchDocument").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("articles", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SearchRow",
            fields=[
                (
                    "place",
                    models.OneToOneField(
                        db_column="rowid",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="row",
                        serialize=False,
                        to="articles.searchdocument",
                        to_field="place",
                    ),
                ),
                ("words", models.TextField()),
            ],
            options={"db_table": "articles_search", "default_permissions": (), "managed": False},
        ),
        migrations.RunPython(make, drop),
    ]
