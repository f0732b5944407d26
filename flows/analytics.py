"""The funnel of a flow: how conversations go from state to state, how long they stay, and how they end.

Pure reads of the log of transitions. A migration between two versions that are both looked at is a step only where the
state's name changed.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from statistics import median

import msgspec
from django.db import connection
from django.db.models import Aggregate, Avg, Count, Exists, F, FloatField, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from flows.graph import sites
from flows.models import MIGRATION, FlowRun, FlowTransition, FlowVersion, VersionStatus
from flows.runs import definition_of
from flows.schema import Definition, State
from flows.texts import FALLBACK, localized

REMINDER_WORKS = timedelta(hours=24)


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """A way out of a state: by what, where to (None: to another version), how often, its share of all that left."""

    reason: str
    to_state: str | None
    count: int
    conversion: float


class StateFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How many conversations are in a state now; how many entered and left it in the period, where to, how soon."""

    state: str
    title: str
    phase: str
    outcome: str | None
    now: int
    entered: int
    left: int
    median_seconds: float | None
    edges: list[Edge]


class OutcomeFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How many conversations came to an end in the period, and their share of all that did."""

    outcome: str
    count: int
    share: float


class ReminderFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How often a reminder was sent in the period, and how often the state was left within 24 hours, by no timer."""

    state: str
    timer: str
    sent: int
    worked: int


class Funnel(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the conversations of some versions of a flow in a period; `states` in the order of the newest.

    `counters` are averages of what the flow counts (rounds, revisions, questions) over the conversations then won.
    """

    started: int
    states: list[StateFigures]
    outcomes: list[OutcomeFigures]
    reminders: list[ReminderFigures]
    counters: dict[str, float]


class _Way(msgspec.Struct, frozen=True):
    """From which state (None: from outside), by what, to which one (None: out of what is looked at)."""

    source: str | None
    reason: str
    target: str | None


def funnel(versions: str | Collection[int], start: datetime | None = None, end: datetime | None = None) -> Funnel:
    """Return the figures of a flow's versions, given by its key or by their ids, from `start` to before `end`."""
    definitions = _definitions(versions)
    steps = FlowTransition.objects.all()
    if start is not None:
        steps = steps.filter(created_at__gte=start)
    if end is not None:
        steps = steps.filter(created_at__lt=end)
    of_versions = steps.filter(version__in=definitions)
    ways = _ways(of_versions) + _migrations(steps, definitions)
    return Funnel(
        started=sum(count for way, count in ways.items() if way.reason == "start"),
        states=list(_states(definitions, ways, occupancy(definitions), _medians(of_versions))),
        outcomes=_outcomes(of_versions, definitions),
        reminders=_reminders(of_versions),
        counters=_counters(of_versions, definitions),
    )


def occupancy(version_ids: Collection[int], *, is_running: bool = False) -> dict[str, int]:
    """Return how many conversations of these versions are in each state now; those not at an end, if `is_running`."""
    runs = FlowRun.objects.filter(version__in=version_ids, conversation__flow_state__isnull=False)
    if is_running:
        runs = runs.filter(outcome__isnull=True)
    counts = runs.values_list("conversation__flow_state").annotate(count=Count("pk"))
    return {str(state): count for state, count in counts.order_by("conversation__flow_state")}


def _definitions(versions: str | Collection[int]) -> dict[int, Definition]:
    """Return the definitions of the versions that conversations may have, by id, the newest first."""
    chosen = FlowVersion.objects.exclude(status=VersionStatus.DRAFT).defer("document").order_by("-number")
    chosen = chosen.filter(key=versions) if isinstance(versions, str) else chosen.filter(pk__in=versions)
    return {version.pk: definition_of(version) for version in chosen}


def _ways(steps: QuerySet[FlowTransition]) -> Counter[_Way]:
    """Count the steps that entered a state, by where from and why."""
    entering = steps.filter(Q(dwell__isnull=False) | Q(from_state__isnull=True))
    columns = entering.values_list("from_state", "reason", "to_state").annotate(count=Count("pk")).order_by()
    return Counter({_Way(source, reason, target): count for source, reason, target, count in columns})


def _migrations(steps: QuerySet[FlowTransition], versions: Collection[int]) -> Counter[_Way]:
    """Count what came from versions that are not looked at, went to such, or changed the state's name on the way."""
    ways: Counter[_Way] = Counter()
    columns = ("inputs__from_version", "version", "from_state", "to_state")
    moved = steps.filter(reason=MIGRATION).values_list(*columns).annotate(count=Count("pk")).order_by()
    for came_from, goes_to, source, target, count in moved:
        way = _Way(source if came_from in versions else None, MIGRATION, target if goes_to in versions else None)
        if way.source != way.target:
            ways[way] += count
    return ways


class _Median(Aggregate):
    """The middle of a column's values, between two of them if they are even in number; PostgreSQL's."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


def _medians(steps: QuerySet[FlowTransition]) -> dict[str, float]:
    """Return how many seconds conversations typically stay in each state."""
    dwells = steps.filter(dwell__isnull=False, from_state__isnull=False).order_by()
    if connection.vendor == "postgresql":
        middles = dwells.values_list("from_state").annotate(median=_Median("dwell"))
        return {str(state): middle.total_seconds() for state, middle in middles}
    found: dict[str, list[float]] = {}
    for step in dwells.only("from_state", "dwell"):
        if step.dwell is not None:
            found.setdefault(str(step.from_state), []).append(step.dwell.total_seconds())
    return {state: round(median(values), 6) for state, values in found.items()}


def _states(
    definitions: Mapping[int, Definition], ways: Counter[_Way], now: dict[str, int], medians: dict[str, float]
) -> Iterator[StateFigures]:
    for name, state in _all_states(definitions).items():
        out = {way: count for way, count in ways.items() if way.source == name}
        yield StateFigures(
            state=name,
            title=localized(state.title, FALLBACK),
            phase=state.phase,
            outcome=state.outcome,
            now=now.get(name, 0),
            entered=sum(count for way, count in ways.items() if way.target == name),
            left=sum(out.values()),
            median_seconds=medians.get(name),
            edges=_edges(out),
        )


def _all_states(definitions: Mapping[int, Definition]) -> dict[str, State]:
    """Return the states of the newest version, then those that only older ones have."""
    states: dict[str, State] = {}
    for definition in definitions.values():
        states |= {name: state for name, state in definition.states.items() if name not in states}
    return states


def _edges(out: Mapping[_Way, int]) -> list[Edge]:
    left = sum(out.values())
    edges = [
        Edge(reason=way.reason, to_state=way.target, count=count, conversion=_share(count, left))
        for way, count in out.items()
    ]
    return sorted(edges, key=lambda edge: (-edge.count, edge.reason, edge.to_state or ""))


def _outcomes(steps: QuerySet[FlowTransition], definitions: Mapping[int, Definition]) -> list[OutcomeFigures]:
    reached = steps.filter(dwell__isnull=False).values_list("version", "to_state").annotate(count=Count("pk"))
    counts: Counter[str] = Counter()
    for version, state, count in reached.order_by():
        outcome = definitions[version].states[state].outcome
        if outcome is not None:
            counts[outcome] += count
    ended = counts.total()
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [OutcomeFigures(outcome=name, count=count, share=_share(count, ended)) for name, count in ordered]


def _reminders(steps: QuerySet[FlowTransition]) -> list[ReminderFigures]:
    left = FlowTransition.objects.filter(
        run=OuterRef("run"),
        pk__gt=OuterRef("pk"),
        from_state=OuterRef("to_state"),
        dwell__isnull=False,
        created_at__lte=OuterRef("created_at") + REMINDER_WORKS,
    ).exclude(reason__startswith="timer:")
    sent = steps.filter(reason__startswith="timer:", seq_from=F("seq_to")).annotate(worked=Exists(left))
    counts = sent.values_list("from_state", "reason").annotate(
        sent=Count("pk"), successes=Count("pk", filter=Q(worked=True))
    )
    return [
        ReminderFigures(state=str(state), timer=reason.removeprefix("timer:"), sent=count, worked=worked)
        for state, reason, count, worked in counts.order_by("from_state", "reason")
    ]


def _counters(steps: QuerySet[FlowTransition], definitions: Mapping[int, Definition]) -> dict[str, float]:
    names = sorted({name for definition in definitions.values() for name in _counted(definition)})
    if not names:
        return {}
    ends = steps.filter(dwell__isnull=False, to_state=F("run__conversation__flow_state"), run__outcome="won")
    won = FlowRun.objects.filter(pk__in=ends.values("run"))
    means = {name: Avg(Cast(KeyTextTransform(name, "data"), FloatField())) for name in names}
    return {name: round(mean, 2) for name, mean in won.aggregate(**means).items() if mean is not None}


def _counted(definition: Definition) -> set[str]:
    """Return what a flow counts."""
    return {name for site in sites(definition) for name in site.transition.do.inc}


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
