"""How far a person's permissions reach."""

import pytest
from django.contrib.auth.models import Permission

from articles.models import Article, User
from tests import base

pytestmark = pytest.mark.django_db


def test_superuser_may_open_and_change_everybodys_drafts(journalist: User) -> None:
    article = base.draft(by=journalist)
    root = User.objects.create_superuser(username="root", password="correct horse battery")

    assert article in Article.objects.readable_by(root)
    assert article in Article.objects.editable_by(root)


def test_permission_given_to_a_user_himself_reaches_everywhere(journalist: User) -> None:
    article = base.draft(by=journalist)
    helper = User.objects.create_user(username="hana", password="correct horse battery")
    assert article not in Article.objects.readable_by(helper)

    helper.user_permissions.add(Permission.objects.get(codename="edit_others"))
    helper = User.objects.get(pk=helper.pk)

    assert article in Article.objects.editable_by(helper)


def test_languages_with_a_permission_are_those_of_the_grants(
    translator: User, journalist: User, moderator: User
) -> None:
    codes = ["en", "de", "fr"]
    assert translator.languages_with("articles.add_article", codes) == ["de"]
    assert journalist.languages_with("articles.add_article", codes) == codes
    assert moderator.languages_with("articles.add_article", codes) == []
    journalist.is_active = False
    assert journalist.languages_with("articles.add_article", codes) == []
