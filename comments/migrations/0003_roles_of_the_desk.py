"""What the roles may do with documents, and who takes notes away again."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

WRITE = ["articles.view_attachment", "articles.add_attachment"]
EDIT = [*WRITE, "articles.change_attachment", "articles.delete_attachment", "articles.delete_note"]
ROLES = {"Journalist": WRITE, "Translator": WRITE, "Editor": EDIT, "Chief": EDIT}


def extend_roles(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the groups that are still there what came with documents; a site may have renamed or removed some."""
    config = apps.get_app_config("articles")
    config.models_module = True  # a historical app has none, and is passed over without
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    permission_model = apps.get_model("auth", "Permission")
    for group in apps.get_model("auth", "Group").objects.filter(name__in=ROLES):
        for permission in ROLES[group.name]:
            app_label, codename = permission.split(".")
            group.permissions.add(
                permission_model.objects.get(content_type__app_label=app_label, codename=codename)
            )


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0006_desk"),
        ("comments", "0002_roles"),
    ]

    operations = [migrations.RunPython(extend_roles, migrations.RunPython.noop)]
