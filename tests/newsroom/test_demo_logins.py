"""The demo logins: made once, kept, and never set over what somebody did to an account."""

import io
import json
import stat

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command

from articles.models import Grant, User
from newsroom import demo
from newsroom.models import LogEntry

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]

NAMES = ["chief", "editor", "journalist", "translator", "moderator"]


@pytest.fixture(autouse=True)
def local(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    settings.BASE_URL = "http://127.0.0.1:8000"
    settings.LOCAL = True


def run() -> str:
    out = io.StringIO()
    call_command("demo_logins", stdout=out)
    return out.getvalue()


def logins() -> dict:
    return json.loads(demo.logins_file().read_text())


def test_makes_an_account_for_each_role():
    said = run()
    assert list(logins()) == NAMES
    for name, login in logins().items():
        user = User.objects.get(username=name)
        assert login == {"username": name, "password": login["password"]}
        assert len(login["password"]) >= 12
        assert user.check_password(login["password"])
        assert (user.is_staff, user.is_superuser) == (True, False)
        assert [str(grant.group) for grant in user.grants.all()] == [name.capitalize()]
        assert user.get_full_name()
        assert name in said
    assert len({login["password"] for login in logins().values()}) == len(NAMES)
    assert LogEntry.objects.filter(verb="user.add").count() == len(NAMES)


def test_translator_works_into_two_languages_only():
    run()
    assert Grant.objects.get(user__username="translator").languages == ["de", "fr"]


def test_only_the_owner_may_read_the_file():
    run()
    assert stat.S_IMODE(demo.logins_file().stat().st_mode) == 0o600


def test_second_start_changes_nothing_and_says_nothing():
    run()
    file, users = demo.logins_file().read_bytes(), list(User.objects.order_by("pk").values())
    entries = LogEntry.objects.count()
    assert run() == ""
    assert demo.logins_file().read_bytes() == file
    assert list(User.objects.order_by("pk").values()) == users
    assert LogEntry.objects.count() == entries


def test_no_account_is_made_by_other_commands():
    call_command("migrate", verbosity=0)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [("LOCAL", False), ("BASE_URL", "https://news.example"), ("BASE_URL", "http://10.0.0.7:8000")],
)
def test_refused_where_the_site_may_be_public(settings, name, value):
    setattr(settings, name, value)
    with pytest.raises(CommandError, match="this machine only"):
        run()
    assert not User.objects.exists()
    assert not demo.logins_file().exists()


def test_a_lost_file_gives_new_passwords_and_says_so():
    run()
    before = logins()
    demo.logins_file().unlink()
    assert "new passwords" in run()
    for name, login in logins().items():
        assert login["password"] != before[name]["password"]
        assert User.objects.get(username=name).check_password(login["password"])


@pytest.mark.parametrize("text", ["", "{", "[]", '{"editor": "x"}', '{"editor": {"username": "editor"}}'])
def test_a_damaged_file_counts_as_lost(text):
    run()
    demo.logins_file().write_text(text)
    assert "new passwords" in run()
    assert User.objects.get(username="editor").check_password(logins()["editor"]["password"])


def test_a_new_database_keeps_the_passwords_of_the_file():
    run()
    before = logins()
    demo.Origin.objects.all().delete()
    User.objects.all().delete()
    run()
    assert logins() == before
    assert User.objects.get(username="chief").check_password(before["chief"]["password"])


@pytest.mark.parametrize("lost", [False, True])
def test_a_password_of_ones_own_is_never_set_over(lost):
    run()
    editor = User.objects.get(username="editor")
    editor.set_password("a word of my own choosing")
    editor.save()
    if lost:
        demo.logins_file().unlink()
    said = run()
    editor.refresh_from_db()
    assert editor.check_password("a word of my own choosing")
    assert "editor is not offered: has a password of its own" in said
    assert "editor" not in logins()
    assert "chief" in logins()


def test_a_hash_that_django_made_stronger_is_still_our_password():
    run()
    User.objects.filter(username="editor").update(password=make_password(logins()["editor"]["password"]))
    before = logins()
    assert run() == ""
    assert logins() == before


def test_a_deleted_account_is_not_made_again():
    run()
    User.objects.get(username="moderator").delete()
    assert "moderator is not offered: deleted" in run()
    assert not User.objects.filter(username="moderator").exists()
    assert "moderator" not in logins()


def test_a_deactivated_account_stays_so_and_comes_back_with_its_owner():
    run()
    password = logins()["moderator"]["password"]
    User.objects.filter(username="moderator").update(is_active=False)
    assert "moderator is not offered: deactivated" in run()
    assert "moderator" not in logins()
    assert demo.account("moderator") is None
    User.objects.filter(username="moderator").update(is_active=True)
    run()
    assert logins()["moderator"]["password"] != password
    assert demo.account("moderator").check_password(logins()["moderator"]["password"])


def test_somebody_elses_account_of_that_name_is_left_alone():
    owner = User.objects.create_user(username="editor", password="the owner's own password")
    assert "editor is not offered: an account of this name was there before" in run()
    owner.refresh_from_db()
    assert owner.check_password("the owner's own password")
    assert not owner.is_staff
    assert demo.account("editor") is None
    assert "editor" not in logins()


def test_roles_that_the_owner_changed_stay_changed():
    run()
    Grant.objects.filter(user__username="translator").update(languages=["de"])
    run()
    assert Grant.objects.get(user__username="translator").languages == ["de"]
