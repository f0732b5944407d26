"""Messages that are refused: each alone, with its code, and nothing of it is stored or told."""

import pytest

from conversations.models import Conversation
from messaging.commands import SendMessage
from messaging.models import Message
from messaging.services import send_messages
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.errors import DomainError
from tests.talk import dump, published, said, say, sent

pytestmark = pytest.mark.slow

UNKNOWN_ID = "0197f000-0000-7000-8000-000000000000"
CODES = {
    "outsider": "not_found",
    "unknown conversation": "not_found",
    "no id at all": "not_found",
    "automated": "automated_mode",
    "closed": "conversation_closed",
    "strange reply": "invalid_payload",
    "used nonce": "nonce_reused",
}


def texts(author: User) -> list[str]:
    """What the author has said, everywhere, in the order of its places."""
    return list(Message.objects.filter(sender=author).order_by("seq").values_list("text", flat=True))


@pytest.fixture(params=CODES)
def code(request: pytest.FixtureRequest) -> str:
    """Why the command is refused."""
    return CODES[request.param]


@pytest.fixture
def refused(
    request: pytest.FixtureRequest,
    code: str,
    alice: User,
    charlie: User,
    direct: Conversation,
    bid: Conversation,
    channel: Conversation,
) -> SendMessage:
    """A command that is refused; one message was sent before."""
    Conversation.objects.filter(pk=channel.pk).update(chat_status="closed")
    say(alice, direct, "Before", client_nonce="used")
    commands = {
        "outsider": said(charlie, direct),
        "unknown conversation": SendMessage(actor=alice.pk, conversation_id=UNKNOWN_ID, text="Hi"),
        "no id at all": SendMessage(actor=alice.pk, conversation_id="\x00", text="Hi"),
        "automated": said(alice, bid),
        "closed": said(alice, channel),
        "strange reply": said(alice, direct, reply_to_id=UNKNOWN_ID),
        "used nonce": said(alice, direct, "After", client_nonce="used"),
    }
    return commands[request.node.callspec.params["code"]]


def test_it_says_why(refused: SendMessage, code: str) -> None:
    with pytest.raises(DomainError) as caught:
        execute(refused)
    assert caught.value.code == code


def test_it_leaves_nothing_behind(refused: SendMessage) -> None:
    before = dump()
    with published() as heard, pytest.raises(DomainError):
        execute(refused)

    assert heard == []
    assert dump() == before


def test_it_fails_alone(refused: SendMessage, code: str, direct: Conversation, alice: User, bob: User) -> None:
    first, failed, last = send_messages([said(alice, direct, "First"), refused, said(bob, direct, "Last")])

    assert isinstance(failed, DomainError)
    assert failed.code == code
    assert [sent(outcome).message.seq for outcome in (first, last)] == [2, 3]
    assert (texts(alice), texts(bob)) == (["Before", "First"], ["Last"])


def test_a_group_of_refusals_stores_nothing(refused: SendMessage, code: str) -> None:
    before = dump()
    outcomes = send_messages([refused, refused])
    assert [outcome.code for outcome in outcomes if isinstance(outcome, DomainError)] == [code, code]
    assert dump() == before


@pytest.mark.parametrize("opening", [{"chat_status": "real_time"}, {"flow_state": "real_time"}])
def test_a_guided_conversation_takes_messages_once_it_is_open(
    bid: Conversation, alice: User, bob: User, opening: dict[str, str]
) -> None:
    Conversation.objects.filter(pk=bid.pk).update(**opening)
    assert say(bob, bid).message.receiver_id == alice.pk
