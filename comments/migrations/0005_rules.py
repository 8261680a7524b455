"""The rules that a new site begins with; each can be changed, switched off, or taken away."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

RULES = [
    {"kind": "address-limit", "number": 10, "minutes": 10},
    {"kind": "email-limit", "number": 10, "minutes": 10},
    {"kind": "article-limit", "number": 120, "minutes": 1},
    {"kind": "honeypot", "effect": "spam"},
    {"kind": "duplicate", "minutes": 7 * 24 * 60},
    {"kind": "like", "minutes": 7 * 24 * 60},
    {"kind": "links", "number": 2},
    {"kind": "record", "number": 2},
]


def add_rules(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Store the rules; what is not said has the model's default."""
    model = apps.get_model("comments", "Rule")
    for rule in RULES:
        model.objects.create(**rule)


class Migration(migrations.Migration):
    dependencies = [("comments", "0004_moderation")]

    operations = [migrations.RunPython(add_rules, migrations.RunPython.noop)]
