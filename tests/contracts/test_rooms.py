"""Who hears what: rooms by family, no event from two contracts, and one party's messages for that party alone."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.events import MessageSent
from stoory.events import Event
from stoory.realtime.contracts import CONTRACTS, work
from stoory.realtime.contracts.base import (
    Audience,
    Contract,
    Emit,
    PersonalEmit,
    ToParticipants,
    ToPeers,
    ToRoom,
    ToUser,
    as_log_entries,
    heard_in,
)
from tests.contracts.golden import audience, said
from tests.contracts.samples import ALICE, BID, CAMPAIGN, ROLES, SAMPLES, SECRET, SYSTEM, TURN

ROOMS: dict[str, tuple[str, ...]] = {
    "chat": ("room:<id>", "room:<id>:<role>"),
    "work": (),  # of campaigns, not of conversations
    "feed": ("conversation_<id>", "conversation_<id>:<role>"),
    "messenger": ("conversation:<id>", "conversation:<id>:<role>"),
    "workspace": ("channel:<id>", "channel:<id>:<role>"),
}

every_contract = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)


def emits(event: Event) -> Iterator[tuple[Contract, Emit | PersonalEmit]]:
    for contract in CONTRACTS:
        for emit in contract.outbound(event):
            yield contract, emit


@every_contract
def test_a_participant_hears_the_conversation_s_room_and_their_role_s(contract: Contract) -> None:
    rooms = [name.replace("<id>", BID).replace("<role>", "influencer") for name in ROOMS[contract.name]]
    assert list(contract.rooms(BID, "influencer")) == rooms


def test_a_campaign_has_a_room() -> None:
    assert work.room(CAMPAIGN) == f"room:work:{CAMPAIGN}"


def test_the_logs_name_rooms_and_users_as_clients_know_them() -> None:
    assert [str(to) for to in (ToRoom(f"room:{BID}"), ToUser(ALICE))] == [f"room:{BID}", f"user_{ALICE}"]


@settings(deadline=None)
@given(conversation=st.uuids(), role=st.sampled_from(sorted(ROLES.values())), campaign=st.text())
def test_no_room_means_two_things(conversation: UUID, role: str, campaign: str) -> None:
    rooms = [room for contract in CONTRACTS for room in contract.rooms(str(conversation), role)]
    rooms.append(work.room(campaign))
    assert len(set(rooms)) == len(rooms)


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_is_said_in_a_room_is_said_in_one_that_the_family_joins(sample: str) -> None:
    event = SAMPLES[sample]
    for contract, emit in emits(event):
        if isinstance(emit.to, ToRoom):
            joined = [room for role in ROLES.values() for room in contract.rooms(event.conversation_id, role)]
            assert emit.to.room in [*joined, work.room(CAMPAIGN)]


def test_no_event_is_said_in_one_room_by_two_contracts() -> None:
    said_by = defaultdict(set)
    for sample in SAMPLES.values():
        for contract, emit in emits(sample):
            said_by[emit.name, audience(emit.to)].add(contract.name)
    assert {key: names for key, names in said_by.items() if len(names) > 1} == {}


def test_a_campaign_s_room_hears_of_its_own_conversations_alone() -> None:
    heard = [each.to for each in said(SAMPLES["a change of state outside campaigns"])]
    assert not any(to.startswith("room:work:") for to in heard)


# What is for one party

ONE_PARTY: dict[str, Event] = {
    name: sample if sample.visible_to else msgspec.structs.replace(sample, visible_to="influencer")
    for name, sample in SAMPLES.items()
    if sample.visible_to or (type(sample).__module__ == "messaging.events" and not isinstance(sample, MessageSent))
}

every_one_party_sample = pytest.mark.parametrize("sample", ONE_PARTY)


OTHER = {"influencer": "brand_owner", "brand_owner": "influencer"}


def is_for(role: str | None, contract: Contract, conversation_id: str, to: Audience) -> bool:
    match to:
        case ToRoom():
            theirs = contract.rooms(conversation_id, role or "")
            return to.room in set(theirs).difference(contract.rooms(conversation_id, OTHER[role or ""]))
        case ToUser():
            return to.user_id == SYSTEM or ROLES[to.user_id] == role
        case ToParticipants():
            return to.role == role
        case ToPeers():
            return False


@every_one_party_sample
def test_one_party_s_events_are_for_that_party_alone(sample: str) -> None:
    event = ONE_PARTY[sample]
    for contract, emit in emits(event):
        assert is_for(event.visible_to, contract, event.conversation_id, emit.to), (contract.name, emit)


@every_contract
@every_one_party_sample
def test_the_other_party_s_log_does_not_tell_them(contract: Contract, sample: str) -> None:
    event = ONE_PARTY[sample]
    assert heard_in(contract, event, contract.rooms(event.conversation_id, OTHER[event.visible_to or ""])) == []
    assert as_log_entries(contract, [event], contract.rooms(event.conversation_id, "member")) == []


@every_contract
@every_one_party_sample
def test_the_own_party_s_log_tells_them_as_they_were_told_live(contract: Contract, sample: str) -> None:
    event = ONE_PARTY[sample]
    live = [emit for emit in contract.outbound(event) if isinstance(emit, Emit) and isinstance(emit.to, ToRoom)]
    told = as_log_entries(contract, [event], contract.rooms(event.conversation_id, event.visible_to or ""))
    assert told == [{"seq": event.seq, "event": emit.name, "payload": emit.payload} for emit in live]


def test_nothing_of_one_party_s_is_said_to_others() -> None:
    shared = [each for sample in SAMPLES.values() if sample.visible_to is None for each in said(sample)]
    own = [each for sample in SAMPLES.values() if sample.visible_to for each in said(sample)]
    assert not any(SECRET in str(each) for each in shared)
    assert any(SECRET in str(each) for each in own)


def values_of(key: str, payload: Any) -> Iterator[Any]:
    """Yield every value under `key`, however deep."""
    if isinstance(payload, dict):
        if key in payload:
            yield payload[key]
        for item in payload.values():
            yield from values_of(key, item)


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_both_parties_hear_alike_holds_no_party_s_own_actions(sample: str) -> None:
    event = SAMPLES[sample]
    for contract, emit in emits(event):
        for card in values_of("current_action_data", emit.payload) if isinstance(emit, Emit) else ():
            assert card is None or is_for("influencer", contract, event.conversation_id, emit.to)


@pytest.mark.parametrize("sample", ["a change of state", "buttons renewed"])
def test_each_party_is_told_its_own_buttons(sample: str) -> None:
    lists = [each for each in said(SAMPLES[sample]) if each.event == "conversation_list_updated"]
    assert {each.to.rpartition(" ")[2]: each.payload["current_action_data"] for each in lists} == {
        "influencer": TURN,
        "brand_owner": None,
    }
    updates = {name: said(SAMPLES[sample], name)[-1] for name in ("Alice", "Bob")}
    assert {name: each.event for name, each in updates.items()} == dict.fromkeys(updates, "conversation_updated")
    shown = {name: each.payload["conversation_context"]["current_action_data"] for name, each in updates.items()}
    assert shown == {"Alice": None, "Bob": TURN}
