"""Deliveries: a message's way from its sender's socket to each reader's, and where it ended."""

from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from conversations.models import ConversationEvent, Participant
from messaging.models import Message, ReadReceipt
from stoory.accounts.models import User
from stoory.backstage import servers
from stoory.backstage.pages import LivePage
from stoory.backstage.verdicts import Known, Reader, Told, moment, verdict

READERS = 50
REMOVAL_RANGE = 2_000  # entries around the message among which removals are looked for
STEPS = (
    ("received_at", "received from its sender"),
    ("stored_at", "stored, and its sender answered"),
    ("published_at", "handed to the bus for the other servers"),
    ("delivered_at", "delivered to the sockets here"),
)


class Way(NamedTuple):
    """A message's way through one server: moments in words, and what was written to how many sockets."""

    server: str
    steps: list[tuple[str, str]]
    emits: list[dict[str, Any]]


class DeliveriesPage(LivePage):
    """Finds a message by its id, or by what its sender calls it, and tells what became of it."""

    template = "backstage/deliveries.html"
    permission = "messaging.view_message"

    def get(self, request: HttpRequest) -> HttpResponse:
        key, sender, reader = (request.GET.get(name, "").strip() for name in ("q", "sender", "reader"))
        if not key or "\x00" in key + sender + reader:
            return self.page("Deliveries", key="", sender="", reader="")
        replies = servers.ask("trace", key=key)
        message = _found(key, sender, replies)
        shown = self._traced(message, reader) if message is not None else {}
        refusals = [refusal for answer in servers.answers(replies) for refusal in answer["refusals"]]
        return self.page(
            "Deliveries",
            key=key,
            sender=sender,
            reader=reader,
            message=message,
            refusals=[{**refusal, "when": moment(refusal["at"])} for refusal in refusals],
            **shown,
        )

    def _traced(self, message: Message, reader: str) -> dict[str, Any]:
        people = list(_people(message, reader)[: READERS + 1])
        replies = servers.ask(
            "trace",
            key=str(message.pk),
            user_ids=[person.user_id for person in people[:READERS]],
            conversation_id=str(message.conversation_id),
        )
        known = Known.of(servers.answers(replies))
        told = Told(message.seq, message.sender_id, message.visible_to, message.created_at)
        readers = _readers(message, people[:READERS])
        return {
            "verdicts": [(reader, verdict(reader, told, known)) for reader in readers],
            "has_more_people": len(people) > READERS,
            "outsider": _outsider(message, reader) if reader and not people else "",
            "removals": _removals(message),
            "is_remembered": known.reach(told),
            "ways": [_way(reply) for reply in replies if reply.answer and reply.answer["record"]],
            "silent": [reply.name for reply in replies if reply.answer is None],
            "entry": ConversationEvent.objects.filter(conversation=message.conversation, seq=message.seq).first(),
        }


def _found(key: str, sender: str, replies: list[servers.Reply]) -> Message | None:
    messages = Message.objects.select_related("sender", "conversation")
    named = _uuid(key)
    if named is not None and (message := messages.filter(pk=named).first()):
        return message
    for answer in servers.answers(replies):
        if answer["record"] is not None:
            return messages.filter(pk=answer["record"]["message_id"]).first()
    return messages.filter(sender__username=sender, client_nonce=key).first() if sender else None


def _uuid(text: str) -> UUID | None:
    """Return the id that a text is, also as databases show it: without dashes."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _people(message: Message, reader: str) -> QuerySet[Participant]:
    """Return who takes part, or the one of them who is asked about."""
    people = Participant.objects.filter(conversation=message.conversation).select_related("user").order_by("pk")
    return people.filter(user__username=reader) if reader else people


def _outsider(message: Message, reader: str) -> str:
    """Return why somebody who takes no part can't have the message."""
    user = User.objects.filter(username=reader).first()
    if user is None:
        return f"There is no user {reader}."
    entries = ConversationEvent.objects.filter(conversation=message.conversation, kind="member_removed")
    removed = entries.filter(payload__user_id=user.pk).order_by("seq").last()
    if removed is None:
        return f"{reader} is not a member of this conversation: nothing of it is for them."
    when = f"{'before' if removed.seq < message.seq else 'after'} the message, at #{removed.seq}"
    return f"{reader} is no member any more: they left, or were removed, {when}, {moment(removed.created_at)}."


def _readers(message: Message, people: list[Participant]) -> list[Reader]:
    receipts = dict(
        ReadReceipt.objects.filter(message=message, reader__in=[person.user_id for person in people]).values_list(
            "reader_id", "read_at"
        )
    )
    return [
        Reader(
            user_id=person.user_id,
            name=person.user.username,
            role=person.role,
            joined_seq=person.joined_seq,
            last_read_seq=person.last_read_seq,
            read_at=receipts.get(person.user_id),
            last_seen=person.user.last_seen,
        )
        for person in people
    ]


def _removals(message: Message) -> list[str]:
    """Return who was removed around the time of the message, each in a sentence."""
    rows = ConversationEvent.objects.filter(
        conversation=message.conversation,
        seq__gt=message.seq - REMOVAL_RANGE,
        seq__lt=message.seq + REMOVAL_RANGE,
        kind="member_removed",
    ).order_by("seq")[:READERS]
    users = User.objects.in_bulk({row.payload["user_id"] for row in rows})
    names = {key: user.username for key, user in users.items()}
    return [
        f"{names.get(row.payload['user_id'], row.payload['user_id'])}: removed at #{row.seq}, {moment(row.created_at)}."
        for row in rows
    ]


def _way(reply: servers.Reply) -> Way:
    record = reply.answer["record"]
    steps = [(moment(record[name]), said) for name, said in STEPS if record[name] is not None]
    return Way(reply.name, sorted(steps), record["emits"])
