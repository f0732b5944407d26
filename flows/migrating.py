"""Running conversations go to another version of their flow: planned for all, then done one by one."""

from collections import Counter
from collections.abc import Iterator, Mapping
from uuid import UUID

from django.db import transaction

from conversations import log
from conversations.models import Conversation
from conversations.services import state_changed
from flows.commands import MigrateRuns, Migration
from flows.documents import check_sound
from flows.errors import MigrationRefused
from flows.guidance import cards_of
from flows.migration_plans import Move, Plan
from flows.models import MIGRATION, FlowRun, FlowTransition, VersionStatus
from flows.permissions import check_may
from flows.recording import schedule, void_timers
from flows.runs import parties_of, run_of
from flows.versions import version_by_id
from stoory.commands import handles
from stoory.errors import InvalidPayload
from stoory.times import utc_now


@handles(MigrateRuns)
def migrate_runs(command: MigrateRuns) -> Migration:
    """Move the running conversations of a version to another one, each in a transaction of its own.

    Raises `Forbidden`, `FlowNotFound`, `InvalidPayload` for versions or a mapping that don't fit, `InvalidFlow` for a
    draft with errors and, unless it is a dry run, `MigrationRefused`.
    """
    check_may(command.actor, "publish_flow")
    plan = _plan(command)
    foreseen = _survey(plan)
    if command.dry_run:
        return foreseen
    if foreseen.problems:
        raise MigrationRefused(problems=foreseen.problems)
    return _migrate(plan, command)


def _plan(command: MigrateRuns) -> Plan:
    source, target = version_by_id(command.version_id), version_by_id(command.to_version_id)
    if source == target:
        raise InvalidPayload("This is the same version", path="to")
    if source.conversation_type != target.conversation_type:
        raise InvalidPayload(f"This version is for {target.conversation_type} conversations", path="to")
    if VersionStatus.DRAFT in (source.status, target.status):
        check_sound(source.document)
        check_sound(target.document)
    plan = Plan(source, target, command.mapping)
    for name, mapped in command.mapping.items():
        if name not in plan.before.states:
            raise InvalidPayload(f"There is no {name} in version {source.number}", path=f"mapping.{name}")
        if mapped not in plan.after.states:
            raise InvalidPayload(f"There is no {mapped} in version {target.number}", path=f"mapping.{name}")
    return plan


class _Tally:
    """What moves, counted."""

    def __init__(self) -> None:
        self.moved: Counter[str] = Counter()
        self.mapping: dict[str, str] = {}
        self.overdue = 0

    def add(self, move: Move) -> None:
        self.moved[move.source] += 1
        self.mapping[move.source] = move.target
        self.overdue += move.is_overdue

    def result(self, *, problems: list[str], remaining: int, is_dry_run: bool) -> Migration:
        return Migration(
            moved=dict(sorted(self.moved.items())),
            mapping=dict(sorted(self.mapping.items())),
            problems=problems,
            overdue=self.overdue,
            remaining=remaining,
            is_dry_run=is_dry_run,
        )


def _survey(plan: Plan) -> Migration:
    """Return what would happen."""
    tally, faults, now = _Tally(), Counter[str](), utc_now()
    for run in plan.runs().select_related("conversation").order_by("pk").iterator(chunk_size=1000):
        move = plan.move(run, now)
        if isinstance(move, Move):
            tally.add(move)
        else:
            faults[move] += 1
    return tally.result(problems=list(_problems(plan, faults)), remaining=0, is_dry_run=True)


def _problems(plan: Plan, faults: Mapping[str, int]) -> Iterator[str]:
    if plan.target.status == VersionStatus.DRAFT:
        yield f"Version {plan.target.number} is a draft: publish it first"
    for fault, count in sorted(faults.items()):
        yield f"{fault} ({count} conversation{'s' * (count != 1)})"


def _migrate(plan: Plan, command: MigrateRuns) -> Migration:
    tally = _Tally()
    for key in list(plan.runs().order_by("pk").values_list("pk", flat=True)[: command.limit]):
        move = _migrate_one(plan, key, command)
        if move is not None:
            tally.add(move)
    return tally.result(problems=[], remaining=plan.runs().count(), is_dry_run=False)


@transaction.atomic
def _migrate_one(plan: Plan, key: UUID, command: MigrateRuns) -> Move | None:
    """Move a conversation; none that somebody acts on at this moment, or that has gone elsewhere since the survey."""
    conversation = Conversation.objects.locked(skip_locked=True).filter(pk=key).first()
    run = run_of(conversation) if conversation else None
    if run is None or run.version_id != plan.source.pk or run.outcome is not None:
        return None
    move = plan.move(run, utc_now())
    if not isinstance(move, Move):
        return None
    _apply(plan, run, move, command)
    return move


def _apply(plan: Plan, run: FlowRun, move: Move, command: MigrateRuns) -> None:
    """Write a move of a locked conversation's run, and tell its parties which buttons they have now."""
    conversation = run.conversation
    conversation.flow_state = move.target
    conversation.state_seq += 1
    conversation.save(update_fields=["flow_state", "state_seq"])
    run.version, run.data = plan.target, move.data
    run.save(update_fields=["version", "data"])
    void_timers(run)
    schedule(run, move.alarms)
    _record(plan, run, move, command)
    event = state_changed(
        conversation,
        previous=move.source,
        reason=MIGRATION,
        cards=cards_of(run, plan.after, parties_of(conversation)),
        is_renewal=move.source == move.target,
    )
    log.record(conversation, event, actor=command.actor)


def _record(plan: Plan, run: FlowRun, move: Move, command: MigrateRuns) -> None:
    seq = run.conversation.state_seq
    FlowTransition.objects.create(
        run=run,
        version=plan.target,
        from_state=move.source,
        to_state=move.target,
        seq_from=seq - 1,
        seq_to=seq,
        reason=MIGRATION,
        role="staff",
        actor_id=command.actor,
        note=command.reason,
        inputs={"from_version": plan.source.pk, "dropped": move.dropped},
    )
