"""The roles of a newsroom, as groups. Permissions decide, not names: a site may change what each role holds."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# What a translator may: versions of stories that there are.
TRANSLATE = [
    "articles.view_article",
    "articles.add_article",
    "articles.change_article",
    "articles.view_story",
    "articles.view_revision",
    "articles.view_section",
    "articles.view_tag",
    "articles.add_tag",
    "articles.view_author",
    "articles.view_series",
    "articles.view_source",
    "articles.add_source",
    "articles.view_photo",
    "articles.add_photo",
    "articles.view_note",
]
WRITE = [*TRANSLATE, "articles.add_story"]
DECIDE = [
    "comments.view_comment",
    "comments.view_decision",
    "comments.decide_comment",
    "articles.view_article",
]
EDIT = [
    *WRITE,
    *DECIDE,
    "articles.edit_others",
    "articles.publish_article",
    "articles.arrange_front",
    "articles.add_note",
    # Their words stand at live articles.
    "articles.change_source",
    "articles.change_photo",
    "articles.change_tag",
    "articles.add_author",
    "articles.change_author",
    "articles.add_series",
    "articles.change_series",
    "articles.view_mistakereport",
    "articles.change_mistakereport",
    "articles.view_path",
    "articles.add_path",
    "articles.change_path",
    "articles.delete_path",
    "articles.view_missedaddress",
    "articles.delete_missedaddress",
    "articles.view_page",
    "articles.add_page",
    "articles.change_page",
    "articles.delete_source",
    "articles.delete_photo",
]
MANAGE = [
    *EDIT,
    "comments.manage_rules",
    "articles.withdraw_article",
    "articles.expunge_article",
    "articles.add_section",
    "articles.change_section",
    "articles.delete_section",
    "articles.delete_tag",
    "articles.delete_author",
    "articles.delete_series",
    "articles.delete_page",
    "articles.view_user",
    "articles.add_user",
    "articles.change_user",
    "articles.view_grant",
    "articles.add_grant",
    "articles.change_grant",
    "articles.delete_grant",
    "newsroom.view_site",
    "newsroom.change_site",
    "newsroom.view_logentry",
    "newsroom.view_mail",
    "newsroom.delete_mail",
]
ROLES = {
    "Journalist": WRITE,
    "Translator": TRANSLATE,
    "Editor": EDIT,
    "Chief": MANAGE,
    "Moderator": [*DECIDE, "comments.manage_rules"],
}


def make_roles(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the groups and give them their permissions, which Django itself makes only after all migrations."""
    for label in ("newsroom", "articles", "comments"):
        config = apps.get_app_config(label)
        config.models_module = True  # a historical app has none, and is passed over without
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
    group_model = apps.get_model("auth", "Group")
    permission_model = apps.get_model("auth", "Permission")
    for name, wanted in ROLES.items():
        group, _created = group_model.objects.get_or_create(name=name)
        for permission in wanted:
            app_label, codename = permission.split(".")
            group.permissions.add(
                permission_model.objects.get(content_type__app_label=app_label, codename=codename)
            )


class Migration(migrations.Migration):
    dependencies = [
        ("newsroom", "0001_initial"),
        ("articles", "0001_initial"),
        ("comments", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
