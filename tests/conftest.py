"""Fixtures that every test may ask for."""

import pytest
from django.test import Client

from articles.models import User
from tests import base


@pytest.fixture
def chief(db: None) -> User:
    return base.person("clara", "Chief")


@pytest.fixture
def editor(db: None) -> User:
    return base.person("emil", "Editor")


@pytest.fixture
def journalist(db: None) -> User:
    return base.person("jana", "Journalist")


@pytest.fixture
def translator(db: None) -> User:
    return base.person("tomas", "Translator", languages=["de"])


@pytest.fixture
def moderator(db: None) -> User:
    return base.person("mira", "Moderator")


@pytest.fixture
def login() -> object:
    """Return a function that gives a client logged in as a user."""

    def as_user(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return as_user
