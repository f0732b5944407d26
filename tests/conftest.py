"""The cast: alice owns a brand and bob is an influencer, both in; charlie is outside; staff looks on."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.postgresql.creation import DatabaseCreation
from django.test import TransactionTestCase
from pytest_django import Settings
from rest_framework.test import APIClient

from conversations.commands import CreateConversation
from conversations.models import Conversation
from flows import work
from flows.versions import load_shipped
from stoory import shared_limits
from stoory.accounts.models import SYSTEM_USER_ID, Role, User
from stoory.auth import issue_token
from stoory.commands import execute
from stoory.limits import rate
from stoory.throttling import limiter
from tests.openapi import JudgedClient
from tests.worker.bank import Bank

HERE = Path(__file__).parent
ALIKE = ("browser", "conformance", "contracts", "docs", "flows")  # on any database


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as `once` what asks no database of those folders that have nothing to do with its kind."""
    for item in items:
        if item.path.relative_to(HERE).parts[0] in ALIKE and not _asks_the_database(item):
            item.add_marker(pytest.mark.once)


def _asks_the_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db"}.intersection(getattr(item, "fixturenames", ()))
    return bool(fixtures) or item.get_closest_marker("django_db") is not None


KEPT = {"django_content_type", "auth_permission"}  # what Django makes of the models, for 30 ms


@pytest.fixture(scope="session", autouse=True)
def emptied_by_deleting() -> Iterator[None]:
    """Empty tables row by row behind a test that commits: with few rows, to truncate them takes far longer."""

    def empty(case: TransactionTestCase) -> None:
        names = connection.introspection.django_table_names(include_views=False)
        deletes = [f"DELETE FROM {connection.ops.quote_name(name)}" for name in names if name not in KEPT]
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(";".join(["SET LOCAL session_replication_role = replica", *deletes]))
            else:
                for delete in deletes:
                    cursor.execute(delete)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield


@pytest.fixture(scope="session", autouse=True)
def dropped_by_force() -> Iterator[None]:
    """Drop PostgreSQL's database though a connection is still about to end: on a busy machine that takes a while."""

    def drop(creation: DatabaseCreation, name: str, verbosity: int) -> None:
        with creation.connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {creation.connection.ops.quote_name(name)} WITH (FORCE)")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseCreation, "_destroy_test_db", drop)
        yield


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder of this run, whatever number of processes it has."""
    mine = tmp_path_factory.getbasetemp()
    return mine if worker_id == "master" else mine.parent


@pytest.fixture
def system_user(db: None) -> User:
    """The row that migrations make and flushing a database removes."""
    user, _ = User.objects.get_or_create(
        pk=SYSTEM_USER_ID, defaults={"username": "system", "role": Role.SYSTEM, "is_active": False}
    )
    return user


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", password="secret", name="Alice", role=Role.BRAND_OWNER)


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob", password="secret", name="Bob", role=Role.INFLUENCER)


@pytest.fixture
def charlie(db: None) -> User:
    return User.objects.create_user("charlie", password="secret", name="Charlie", role=Role.INFLUENCER)


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_superuser("staff", password="secret", role=Role.STAFF)


@pytest.fixture
def direct(alice: User, bob: User) -> Conversation:
    """A direct conversation of alice and bob."""
    return execute(CreateConversation(actor=alice.pk, type="direct", participant_ids=[bob.pk])).conversation


@pytest.fixture
def shipped_flows(system_user: User) -> None:
    """The flows that migrations publish and flushing a database removes."""
    load_shipped()


@pytest.fixture
def bid(alice: User, bob: User, shipped_flows: None) -> Conversation:
    """A bid conversation of alice and bob: bob is asked whether he accepts the connection."""
    command = CreateConversation(actor=alice.pk, type="bid", participant_ids=[bob.pk], source_id="bid-1")
    return execute(command).conversation


@pytest.fixture
def bank(settings: Settings) -> Bank:
    """The provider behind the flows of this test."""
    settings.FLOW_PROVIDER = "tests.worker.bank.Bank"
    work.provider.cache_clear()
    return cast(Bank, work.provider(settings.FLOW_PROVIDER))


@pytest.fixture
def channel(alice: User, bob: User) -> Conversation:
    """A public channel of alice and bob."""
    command = CreateConversation(
        actor=alice.pk, type="channel", participant_ids=[bob.pk], title="Launch", is_public=True
    )
    return execute(command).conversation


@pytest.fixture
def api() -> Callable[[User | None], APIClient]:
    """REST as a user, by token; as nobody without one. Its answers are held to the OpenAPI document."""

    def client(user: User | None = None) -> APIClient:
        made = JudgedClient()
        if user is not None:
            made.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(user)['token']}")
        return made

    return client


@pytest.fixture
def rates() -> dict[str, str]:
    """What `limited` limits: each thing to three times an hour."""
    return dict.fromkeys(settings.LIMITS, "3/h") | {"connect": "off"}


@pytest.fixture
def per_address() -> int:
    """How many people an address stands for: more than there are."""
    return 1_000


@pytest.fixture
def limited(rates: dict[str, str], per_address: int, settings: Any) -> Iterator[None]:
    """Limits in force. To be asked for before a server."""
    settings.REDIS_PREFIX = f"tests:{uuid4()}"
    settings.RATE_LIMITS = True
    settings.LIMITS = {name: rate(text) for name, text in rates.items()}
    settings.LIMIT_ADDRESS_FACTOR = per_address
    limiter.cache_clear()
    yield
    marks = limiter().marks
    if isinstance(marks, shared_limits.SharedMarks):
        marks.close()
    limiter.cache_clear()
