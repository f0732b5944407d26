"""The cast at their keyboards."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from stoory.accounts.models import User

Api = Callable[[User | None], APIClient]


def speaking_json(client: APIClient) -> APIClient:
    client.default_format = "json"
    return client


@pytest.fixture
def as_alice(api: Api, alice: User) -> APIClient:
    return speaking_json(api(alice))


@pytest.fixture
def as_bob(api: Api, bob: User) -> APIClient:
    return speaking_json(api(bob))


@pytest.fixture
def as_charlie(api: Api, charlie: User) -> APIClient:
    return speaking_json(api(charlie))


@pytest.fixture
def as_staff(api: Api, staff: User) -> APIClient:
    return speaking_json(api(staff))


@pytest.fixture
def as_nobody(api: Api, db: None) -> APIClient:
    return speaking_json(api(None))
