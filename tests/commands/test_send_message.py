"""`send_message`: a message as somebody, under the rules that hold for them."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from conversations.models import Conversation
from messaging.models import Message
from stoory.accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str) -> str:
    written = StringIO()
    call_command("send_message", *arguments, stdout=written)
    return written.getvalue()


def test_it_says_where_the_message_stands(alice: User, bob: User, direct: Conversation) -> None:
    told = json.loads(run("alice", "Hello", "--conversation", str(direct.pk), "--json"))
    stored = Message.objects.get()
    assert told == {"id": str(stored.pk), "seq": 1, "conversation_id": str(direct.pk)}
    assert (stored.sender, stored.text) == (alice, "Hello")
    assert run("bob", "Hi", "--to", "alice").endswith(f" is #2 of {direct.pk}\n")


def test_a_nonce_sends_it_once(alice: User, bob: User) -> None:
    assert run("alice", "Hello", "--to", "bob", "--nonce", "n1") == run(
        "alice", "Hello", "--to", "bob", "--nonce", "n1"
    )
    assert Message.objects.count() == 1


def test_who_is_outside_stays_outside(charlie: User, direct: Conversation) -> None:
    with pytest.raises(CommandError, match=r"\(not_found\)"):
        run("charlie", "Hello", "--conversation", str(direct.pk))
    with pytest.raises(CommandError, match="There is no user 'nobody'"):
        run("nobody", "Hello", "--to", "charlie")
