"""A clock to set, and bids that have got somewhere."""

from datetime import datetime, timedelta

import pytest

from conversations.models import Conversation
from stoory.accounts.models import User
from stoory.times import utc_now
from tests.worker.playing import agree, pay


class Clock:
    """The time of the workers."""

    def __init__(self) -> None:
        self.now = utc_now()

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that stands still until it is set."""
    made = Clock()
    monkeypatch.setattr("flows.work.utc_now", made)
    return made


@pytest.fixture
def agreed(bid: Conversation, alice: User, bob: User) -> Conversation:
    """A bid whose payment is pending."""
    agree(bid, alice, bob)
    return bid


@pytest.fixture
def paid(bid: Conversation, alice: User, bob: User) -> Conversation:
    """A bid whose payment has arrived; nobody has worked on its effects yet."""
    pay(bid, alice, bob)
    return bid
