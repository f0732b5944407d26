"""Demo data: alice, who owns a brand, and bob, an influencer, share one conversation of each kind; charlie has none.

Making it again changes nothing but the tokens, and outside DEBUG the passwords, which are random there.
"""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from conversations.commands import CreateConversation
from conversations.models import Conversation, ConversationType
from messaging.commands import SendMessage
from messaging.models import Message
from messaging.services import send_messages
from stoory.accounts.models import Role, User
from stoory.auth import issue_token
from stoory.commands import execute
from stoory.documents import fields

DEMO_PASSWORD = "stoory-demo"
TOKEN_LIFETIME = timedelta(days=1)
CAMPAIGN_ID = "0197f000-0000-7000-8000-00000000ca3b"
BID_ID = "0197f000-0000-7000-8000-000000000b1d"
MESSAGES_PER_FAN = 20

CAST = {
    "alice": ("Alice Brand", Role.BRAND_OWNER),
    "bob": ("Bob Influencer", Role.INFLUENCER),
    "charlie": ("Charlie Outsider", Role.INFLUENCER),
    "staff": ("Staff", Role.STAFF),
}
EXAMPLES = {
    fields.DIRECT: ConversationType.DIRECT,
    fields.BID: ConversationType.BID,
    fields.CHANNEL: ConversationType.CHANNEL,
}
PEOPLE = [username for username, (_, role) in CAST.items() if role != Role.STAFF]


class NameTaken(Exception):
    """Somebody who is not of the demo has the name of one of its cast."""


@transaction.atomic
def make_demo() -> dict[str, Any]:
    """Make or find the cast and its conversations; return them with fresh tokens. Raises `NameTaken`."""
    password = DEMO_PASSWORD if settings.DEBUG else secrets.token_urlsafe(16)
    users = {username: _user(username, password) for username in CAST}
    alice, bob = users["alice"].pk, users["bob"].pk
    return {
        "users": {username: _card(user, password) for username, user in users.items()},
        "conversations": {
            "direct": _conversation(alice, bob, ConversationType.DIRECT),
            "bid": _conversation(
                alice, bob, ConversationType.BID, source_id=BID_ID, campaign_id=CAMPAIGN_ID, title="Summer reel"
            ),
            "campaign": _conversation(
                alice, bob, ConversationType.CAMPAIGN, source_id=CAMPAIGN_ID, title="Summer campaign"
            ),
            "channel": _channel(alice, bob, "Demo channel", is_public=True),
            "private_channel": _channel(alice, bob, "Demo private channel", is_public=False),
        },
        "campaign": CAMPAIGN_ID,
    }


def people() -> list[dict[str, str]]:
    """Return those of the cast who are not staff, with fresh tokens and no passwords."""
    found = User.objects.filter(username__in=PEOPLE, email__in=map(_email, PEOPLE)).order_by("username")
    return [
        {
            "id": user.pk,
            "username": user.username,
            "name": user.display_name,
            "role": user.role,
            "token": issue_token(user, TOKEN_LIFETIME)["token"],
        }
        for user in found
    ]


def examples() -> dict[str, str]:
    """Return what of the demo stands for which made-up id of the documents' examples; nothing where it is not there."""
    if not exists():
        return {}
    cast = {username: User.objects.get(username=username).pk for username in PEOPLE}
    shared = Conversation.objects.filter(participants__user=cast["alice"]).filter(participants__user=cast["bob"])
    found = {fields.ALICE: cast["alice"], fields.BOB: cast["bob"], fields.CHARLIE: cast["charlie"]}
    for made_up, kind in EXAMPLES.items():
        conversation = shared.filter(type=kind).order_by("created_at").first()
        found |= {made_up: str(conversation.pk)} if conversation else {}
    message = Message.objects.filter(conversation__in=shared.filter(type="direct"), sender=cast["alice"]).last()
    return found | {fields.CAMPAIGN: CAMPAIGN_ID} | ({fields.MESSAGE: str(message.pk)} if message else {})


def exists() -> bool:
    """Return whether the cast is there."""
    return User.objects.filter(username__in=CAST, email__in=map(_email, CAST)).count() == len(CAST)


def is_new_database() -> bool:
    """Return whether nobody has signed up yet."""
    return not User.objects.exclude(role=Role.SYSTEM).exists()


def make_crowd(count: int, progress: Callable[[int], None]) -> None:
    """Give alice direct conversations with `count` more influencers, twenty messages each."""
    alice = User.objects.get(username="alice")
    for number in range(1, count + 1):
        fan, _ = User.objects.get_or_create(
            username=f"fan{number}", defaults={"name": f"Fan {number}", "role": Role.INFLUENCER}
        )
        conversation = _conversation(alice.pk, fan.pk, ConversationType.DIRECT)
        send_messages(
            [
                SendMessage(
                    actor=(alice if turn % 2 else fan).pk,
                    conversation_id=conversation,
                    text=f"Message {turn + 1} with {fan.name}",
                    client_nonce=f"demo:{conversation}:{turn}",
                )
                for turn in range(MESSAGES_PER_FAN)
            ]
        )
        progress(number)


def _email(username: str) -> str:
    return f"{username}@example.com"


def _user(username: str, password: str) -> User:
    name, role = CAST[username]
    is_staff = role == Role.STAFF
    if User.objects.filter(username=username).exclude(email=_email(username)).exists():
        raise NameTaken(f"There is a user {username!r} already, whom the demo did not make.")
    user, _ = User.objects.update_or_create(
        username=username,
        defaults={
            "name": name,
            "role": role,
            "email": _email(username),
            "is_staff": is_staff,
            "is_superuser": is_staff,
            "is_active": True,
        },
    )
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    return user


def _card(user: User, password: str) -> dict[str, str]:
    return {
        "id": user.pk,
        "username": user.username,
        "password": password,
        "role": user.role,
        "token": issue_token(user, TOKEN_LIFETIME)["token"],
    }


def _conversation(owner: str, other: str, kind: str, **fields: Any) -> str:
    created = execute(CreateConversation(actor=owner, type=kind, participant_ids=[other], **fields))
    return str(created.conversation.pk)


def _channel(owner: str, other: str, title: str, *, is_public: bool) -> str:
    known = Conversation.objects.filter(type=ConversationType.CHANNEL, created_by=owner, title=title).first()
    if known is not None:
        return str(known.pk)
    return _conversation(owner, other, ConversationType.CHANNEL, title=title, is_public=is_public)
