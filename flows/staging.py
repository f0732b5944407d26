"""A running conversation, locked: where it is, and the transaction in which it takes its next step."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

from conversations.models import Conversation
from flows import interpreter
from flows.commands import Stepped
from flows.errors import Busy, FlowEnded, FlowPaused, NotAvailable
from flows.models import FlowRun, FlowTransition
from flows.recording import Cause, outcome_of, record_step
from flows.runs import Parties, definition_of, is_closed_by_staff, parties_of, run_of, snapshot_of
from flows.schema import Definition
from flows.snapshots import Refusal, Snapshot, Step, Trigger
from stoory.payloads import JsonValue
from stoory.times import utc_now

LOCK_SECONDS = 2


class Stage:
    """A locked conversation with its run, ready to be stepped."""

    def __init__(self, conversation: Conversation) -> None:
        run = run_of(conversation)
        if run is None:
            raise NotAvailable("No flow guides this conversation.")
        self.run: FlowRun = run
        self.conversation = conversation
        self.definition: Definition = definition_of(run.version)
        self.parties: Parties = parties_of(conversation)

    @property
    def snapshot(self) -> Snapshot:
        return snapshot_of(self.run, self.parties)

    @property
    def current(self) -> dict[str, JsonValue]:
        """Where the conversation is, for a client to redraw."""
        return {"state_seq": self.conversation.state_seq, "flow_state": self.conversation.flow_state}

    def check_open(self) -> None:
        """Raise `FlowPaused` or `FlowEnded` where staff holds the conversation."""
        if self.run.paused_at is not None:
            raise FlowPaused(current=self.current)
        if is_closed_by_staff(self.run, self.definition):
            raise FlowEnded(current=self.current)

    def take(self, trigger: Trigger, cause: Cause) -> FlowTransition | Refusal:
        """Answer a trigger, and make the step lasting if there is one."""
        answer = interpreter.step(self.definition, self.snapshot, trigger, utc_now())
        return self.record(answer, cause) if isinstance(answer, Step) else answer

    def record(self, step: Step, cause: Cause) -> FlowTransition:
        return record_step(self.run, self.definition, self.parties, step, cause)

    def where(self, reason: str) -> Stepped:
        """Return where the conversation is, nothing having happened."""
        return Stepped(
            conversation_id=str(self.conversation.pk),
            reason=reason,
            replayed=True,
            flow_state=self.snapshot.state,
            awaiting_role=self.conversation.awaiting_role,
            chat_status=self.conversation.chat_status,
            state_seq=self.conversation.state_seq,
        )

    def outcome(self, transition: FlowTransition, *, replayed: bool = False) -> Stepped:
        is_current = transition.version_id == self.run.version_id
        definition = self.definition if is_current else definition_of(transition.version)
        return outcome_of(transition, definition, replayed=replayed)


@contextmanager
def stepping() -> Iterator[None]:
    """One transaction that waits two seconds for its locks; raises `Busy` if that is too short."""
    try:
        with transaction.atomic():
            _limit_lock_wait()
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == "55P03" or "database is locked" in str(error):
            raise Busy from error
        raise


def _limit_lock_wait() -> None:
    """Let this transaction wait two seconds for a lock and no longer; SQLite has a limit of its own."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
