"""In which order a family's client hears of one event, and that one message has all its readers."""

import pytest

from tests.contracts.golden import FAMILIES, said
from tests.contracts.samples import ALICE, BOB, SAMPLES

MESSAGE = {
    "chat": ["chat:new", "conversation_list_updated", "conversation_list_updated"],
    "feed": ["new_message", "notification", "conversation_updated"],
    "messenger": ["new_message", "conversation_updated"],
    "workspace": ["message:created"],
}
AUTOMATED = MESSAGE | {"chat": ["chat:automated", "conversation_list_updated"]}
STATE = {
    "chat": ["conversation_state_changed", "conversation_list_updated"],
    "feed": ["conversation_state_changed", "conversation_updated"],
    "messenger": ["conversation_updated"],
}
STEP = STATE | {"chat": ["conversation_state_changed", "conversation_list_updated", "conversation_list_updated"]}
RENEWAL = {
    "chat": ["chat:actions_renewed", "conversation_list_updated", "conversation_list_updated"],
    "feed": ["conversation_updated"],
    "messenger": ["conversation_updated"],
}
TYPING = {"chat": ["user_typing"], "feed": ["user_typing"]}
REACTION = {"chat": ["chat:reaction_added"], "workspace": ["reaction:added"]}
UPDATE = {"work": ["work:updated"]}
PRESENCE = {"messenger": ["presence:changed"]}

ORDER: dict[str, dict[str, list[str]]] = {
    "a message": MESSAGE,
    "a message without a tempId": MESSAGE,
    "a message with attachments": MESSAGE,
    "a reply": MESSAGE,
    "a message in a channel": MESSAGE,
    "an old message, edited and seen since": MESSAGE,
    "an old message, deleted since": MESSAGE,
    "an automated message": AUTOMATED,
    "a message for one person": AUTOMATED,
    "a message for one role": AUTOMATED,
    "an edit": {"chat": ["chat:edited"]},
    "a deletion": {"chat": ["chat:deleted"]},
    "two messages read": {"chat": ["chat:read"], "workspace": ["message:read", "message:read"]},
    "all read up to a message": {"chat": ["chat:read"], "workspace": ["message:read"]},
    "a reaction": REACTION,
    "a reaction to a message for one role": REACTION,
    "a reaction taken back": {"chat": ["chat:reaction_removed"], "workspace": ["reaction:removed"]},
    "a new conversation": {},
    "a new member": {"chat": ["chat:member_added"]},
    "an account that may be closed": {},
    "a member who went": {"chat": ["chat:member_removed"]},
    "a change of state": STEP | UPDATE,
    "buttons renewed": RENEWAL,
    "a button used": {"chat": ["chat:action_done"]},
    "a button used that no message carried": {"chat": ["chat:action_done"]},
    "a change of state outside campaigns": STATE,
    "an update of a campaign": UPDATE,
    "an update of a campaign without data": UPDATE,
    "typing": TYPING,
    "no longer typing": TYPING,
    "a user in a channel": {"workspace": ["channel:user_joined"]},
    "a test message": {"chat": ["chat:new"], "feed": ["new_message"], "messenger": ["new_message"]},
    "a user online": PRESENCE,
    "a user offline": PRESENCE,
}


@pytest.mark.parametrize("given", SAMPLES)
def test_it_says_it_in_this_order(given: str) -> None:
    heard = said(SAMPLES[given])
    order = {family: [each.event for each in heard if each.family == family] for family in FAMILIES}
    assert {family: events for family, events in order.items() if events} == ORDER[given]


def test_the_sender_s_list_is_updated_before_the_receiver_s() -> None:
    updates = [each for each in said(SAMPLES["a message"]) if each.event == "conversation_list_updated"]
    assert [(each.to, each.payload["action"]) for each in updates] == [
        (f"user_{ALICE}", "message_sent"),
        (f"user_{BOB}", "message_received"),
    ]


def test_rooms_hear_of_a_message_before_lists_do() -> None:
    events = [each.event for each in said(SAMPLES["a message"])]
    assert events.index("chat:new") < events.index("conversation_list_updated")
    assert events.index("new_message") < events.index("conversation_updated")
