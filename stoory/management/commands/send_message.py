"""Send a message as somebody, from the command line."""

import asyncio
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conversations.commands import CreateConversation
from messaging.commands import SendMessage, Sent
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.errors import DomainError
from stoory.realtime.database import database
from stoory.realtime.worker import telling_servers


class Command(BaseCommand):
    help = "Send a message as a user, under the rules that hold for them; print its id and its place in the log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sender", help="who says it, by username")
        parser.add_argument("text")
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--to", metavar="USERNAME", help="in the direct conversation with them, which is made")
        where.add_argument("--conversation", metavar="ID")
        parser.add_argument("--nonce", help="the same one sends the message once, however often this is called")
        parser.add_argument("--json", action="store_true", help="print {id, seq, conversation_id}")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            message = asyncio.run(_send(options)).message
        except DomainError as error:
            raise CommandError(f"{error.message} ({error.code})") from error
        told = {"id": message.id, "seq": message.seq, "conversation_id": message.conversation_id}
        line = f"{message.id} is #{message.seq} of {message.conversation_id}"
        self.stdout.write(json.dumps(told) if options["json"] else line)


async def _send(options: dict[str, Any]) -> Sent:
    """Send, and let the servers know at once; without Redis they read it from the log, seconds later."""
    async with telling_servers():
        return await database(_execute, options)


def _execute(options: dict[str, Any]) -> Sent:
    sender = _user(options["sender"])
    conversation = options["conversation"] or _direct(sender, _user(options["to"]))
    return execute(
        SendMessage(actor=sender.pk, conversation_id=conversation, text=options["text"], client_nonce=options["nonce"])
    )


def _direct(sender: User, other: User) -> str:
    created = execute(CreateConversation(actor=sender.pk, type="direct", participant_ids=[other.pk]))
    return str(created.conversation.pk)


def _user(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is no user {username!r}.")
    return user
