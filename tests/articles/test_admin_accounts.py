"""People and roles: nobody gives what he has not."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from articles.admin.accounts import may_give, may_manage
from articles.models import User
from newsroom.models import LogEntry
from tests import base
from tests.articles.admin import fields_of, send, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]
GOOD = "a quiet harbour at dawn"


@pytest.fixture
def desk(chief: User, login: Callable) -> Client:
    return login(chief)


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser(username="root", password="correct horse battery")


def form(user: User) -> str:
    return f"/admin/articles/user/{user.pk}/change/"


def role(name: str) -> int:
    return Group.objects.get(name=name).pk


def test_chief_adds_a_person_and_gives_a_role(desk: Client, chief: User) -> None:
    added = send(
        desk,
        "/admin/articles/user/add/",
        username="nina",
        password1=GOOD,
        password2=GOOD,
        usable_password="true",
    )
    nina = User.objects.get(username="nina")
    assert added.headers["Location"] == form(nina)
    assert (nina.is_staff, nina.is_superuser) == (True, False)
    section = base.section()
    send(
        desk,
        form(nina),
        grants__0__group=role("Editor"),
        grants__0__languages=["de", "fr"],
        grants__0__sections=[section.pk],
    )
    grant = nina.grants.get()
    assert (grant.group.name, grant.languages, list(grant.sections.all())) == (
        "Editor",
        ["de", "fr"],
        [section],
    )
    verbs = LogEntry.objects.filter(object_type="articles.user").values_list("verb", "by_id")
    assert set(verbs) == {("user.add", chief.pk), ("user.change", chief.pk)}


@pytest.mark.parametrize("password", ["short", "elevenchars", "password1234", "nina-at-work-nina", ""])
def test_weak_password_is_refused(desk: Client, password: str) -> None:
    response = send(
        desk,
        "/admin/articles/user/add/",
        username="nina-at-work",
        password1=password,
        password2=password,
        usable_password="true",
    )
    assert response.status_code == 200
    assert not User.objects.filter(username="nina-at-work").exists()


def test_forged_fields_make_nobody_a_superuser(desk: Client, chief: User, journalist: User) -> None:
    permission = Permission.objects.get(codename="delete_article")
    for user in (chief, journalist):
        send(
            desk,
            form(user),
            first_name="Changed",
            is_superuser="on",
            user_permissions=[permission.pk],
            groups=[role("Chief")],
            date_joined_0="2001-01-01",
        )
        user.refresh_from_db()
        assert (user.first_name, user.is_superuser, user.user_permissions.count()) == ("Changed", False, 0)
    assert [grant.group.name for grant in journalist.grants.all()] == ["Journalist"]


def test_chief_cannot_touch_a_superuser(desk: Client, root: User) -> None:
    page = text_of(desk.get(form(root)))
    assert 'name="username"' not in page
    assert desk.post(form(root), {"username": "mine", "is_active": ""}).status_code == 403
    password = f"/admin/articles/user/{root.pk}/password/"
    assert desk.get(password).status_code == 403
    assert desk.post(password, {"password1": GOOD, "password2": GOOD}).status_code == 403
    root.refresh_from_db()
    assert root.check_password("correct horse battery")


def test_chief_cannot_give_a_role_that_may_more_than_himself(desk: Client, journalist: User) -> None:
    powerful = Group.objects.create(name="Owner")
    powerful.permissions.add(Permission.objects.get(codename="delete_user"))
    assert "Owner" not in text_of(desk.get(form(journalist)))
    data = fields_of(desk.get(form(journalist)))
    response = desk.post(form(journalist), data | {"grants-1-group": powerful.pk})
    assert response.status_code == 200
    assert journalist.grants.count() == 1


def test_chief_cannot_change_who_may_more_than_himself(desk: Client, journalist: User) -> None:
    journalist.user_permissions.add(Permission.objects.get(codename="delete_user"))
    assert desk.post(form(journalist), {"username": "taken-over"}).status_code == 403


def test_chief_of_one_language_gives_roles_there_only(login: Callable, journalist: User) -> None:
    dora = base.person("dora", "Chief", languages=["de"])
    assert may_give(dora, Group.objects.get(name="Editor"), ["de"])
    assert not may_give(dora, Group.objects.get(name="Editor"))
    assert not may_give(dora, Group.objects.get(name="Editor"), ["de", "fr"])
    assert not may_manage(dora, journalist)
    german = base.person("gerd", "Journalist", languages=["de"])
    client = login(dora)
    refused = send(client, form(german), grants__1__group=role("Editor"), grants__1__languages=[])
    assert "may do more than you" in text_of(refused)
    send(client, form(german), grants__1__group=role("Editor"), grants__1__languages=["de"])
    assert german.grants.count() == 2
    refused = send(client, form(german), grants__0__languages=[])
    assert "may do more than you" in text_of(refused)


def test_section_limits_count_too() -> None:
    culture, politics = base.section({"en": "Culture"}), base.section()
    sven = base.person("sven", "Chief")
    sven.grants.get().sections.add(culture)
    editors = Group.objects.get(name="Editor")
    assert may_give(sven, editors, sections=[culture])
    assert not may_give(sven, editors, sections=[culture, politics])
    assert not may_give(sven, editors)


def test_superuser_gives_everything(root: User, journalist: User, login: Callable) -> None:
    client = login(root)
    send(client, form(journalist), is_superuser="on")
    journalist.refresh_from_db()
    assert journalist.is_superuser
    assert client.get("/admin/auth/group/").status_code == 200
    send(client, f"/admin/auth/group/{role('Moderator')}/change/", name="Host")
    assert LogEntry.objects.filter(verb="role.change").exists()


def test_person_is_deactivated_and_never_deleted(
    desk: Client, journalist: User, root: User, login: Callable
) -> None:
    data = fields_of(desk.get(form(journalist)))
    del data["is_active"]
    desk.post(form(journalist), data)
    journalist.refresh_from_db()
    assert not journalist.is_active
    for client in (desk, login(root)):
        assert client.get(f"/admin/articles/user/{journalist.pk}/delete/").status_code == 403


def test_password_of_another_is_set_as_an_act(desk: Client, journalist: User, login: Callable) -> None:
    at_journalists = login(journalist)
    address = f"/admin/articles/user/{journalist.pk}/password/"
    refused = send(desk, address, password1="short", password2="short", usable_password="true")
    assert refused.status_code == 200
    assert not LogEntry.objects.filter(verb="user.password").exists()
    send(desk, address, password1=GOOD, password2=GOOD, usable_password="true")
    journalist.refresh_from_db()
    assert journalist.check_password(GOOD)
    assert LogEntry.objects.get(verb="user.password").object_id == journalist.pk
    assert at_journalists.get("/admin/").status_code == 302


def test_log_and_history_hold_no_names(desk: Client, journalist: User) -> None:
    send(desk, form(journalist), first_name="Johanna", email="johanna@news.example")
    entry = LogEntry.objects.get(verb="user.change")
    assert "ohanna" not in str(entry.details)
    from django.contrib.admin.models import LogEntry as DjangoLogEntry

    assert not DjangoLogEntry.objects.exists()


def test_search_and_order_tell_nothing_of_passwords(desk: Client, journalist: User) -> None:
    for query in ("?password__startswith=md5", "?o=99", "?grants__group__permissions=1"):
        assert desk.get("/admin/articles/user/" + query).status_code in (200, 302, 400)


def test_nobody_shuts_himself_out(desk: Client, chief: User, login: Callable, root: User) -> None:
    for client, own in ((desk, chief), (login(root), root)):
        page = fields_of(client.get(form(own)))
        assert not [name for name in page if name in ("is_active", "is_staff", "is_superuser")]
        before = list(own.grants.values_list("pk", "group"))
        client.post(
            form(own), page | {"is_active": "", "grants-0-DELETE": "on", "grants-0-group": role("Editor")}
        )
        own.refresh_from_db()
        assert own.is_active
        assert own.is_staff
        assert list(own.grants.values_list("pk", "group")) == before
    assert root.is_superuser
