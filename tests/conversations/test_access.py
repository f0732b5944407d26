"""Reading with the permission built in: a conversation one is not in is one that does not exist."""

from datetime import timedelta

import pytest
from django.db import transaction

from conversations import selectors
from conversations.errors import ConversationNotFound
from conversations.models import Conversation
from stoory.accounts.models import User
from stoory.times import utc_now

UNKNOWN_ID = "0197f000-0000-7000-8000-000000000000"
STRANGE_IDS = [UNKNOWN_ID, "", "nonsense", "\x00", "\ud800", "0" * 10_000]


def test_a_participant_is_let_in(direct: Conversation, alice: User, bob: User) -> None:
    for person in (alice, bob):
        found = selectors.participation(person.pk, str(direct.pk))
        assert (found.user, found.conversation) == (person, direct)


def test_an_outsider_is_told_what_a_dreamer_is(direct: Conversation, charlie: User, staff: User) -> None:
    told = set()
    for person, conversation_id in [(charlie, str(direct.pk)), (staff, str(direct.pk)), (charlie, UNKNOWN_ID)]:
        with pytest.raises(ConversationNotFound) as caught:
            selectors.participation(person.pk, conversation_id)
        told.add(str(caught.value.as_dict()))

    assert told == {"{'code': 'not_found', 'message': 'Conversation not found'}"}


@pytest.mark.parametrize("conversation_id", STRANGE_IDS)
def test_an_id_that_names_nothing_finds_nothing(alice: User, conversation_id: str) -> None:
    with pytest.raises(ConversationNotFound):
        selectors.participation(alice.pk, conversation_id)
    with pytest.raises(ConversationNotFound):
        selectors.existing_conversation(conversation_id)


def test_another_spelling_of_an_id_is_another_id(direct: Conversation, alice: User) -> None:
    for spelling in (str(direct.pk).upper(), direct.pk.hex):
        with pytest.raises(ConversationNotFound):
            selectors.participation(alice.pk, spelling)


def test_the_house_finds_any(direct: Conversation) -> None:
    assert selectors.existing_conversation(str(direct.pk)) == direct


def test_a_place_tells_the_role_and_how_far_the_log_is(direct: Conversation, bob: User) -> None:
    Conversation.objects.filter(pk=direct.pk).update(last_seq=7)
    place = selectors.membership(bob.pk, str(direct.pk))
    assert (place.conversation_id, place.user_id) == (str(direct.pk), bob.pk)
    assert (place.role, place.last_seq) == ("influencer", 7)


def test_all_places_of_some_people(direct: Conversation, bid: Conversation, alice: User, charlie: User) -> None:
    places = selectors.memberships([alice.pk, charlie.pk])
    assert {(place.conversation_id, place.user_id) for place in places} == {
        (str(direct.pk), alice.pk),
        (str(bid.pk), alice.pk),
    }


def test_places_where_something_happened_lately(direct: Conversation, bid: Conversation, alice: User) -> None:
    Conversation.objects.filter(pk=bid.pk).update(updated_at=utc_now() - timedelta(minutes=1))
    [place] = selectors.memberships([alice.pk], since=utc_now() - timedelta(seconds=30))
    assert place.conversation_id == str(direct.pk)


def test_a_conversation_is_locked_for_who_takes_part(direct: Conversation, alice: User, charlie: User) -> None:
    with transaction.atomic():
        found = selectors.locked_participation(alice.pk, str(direct.pk))
        assert (found.user, found.conversation) == (alice, direct)
        for unknown in (str(direct.pk), *STRANGE_IDS):
            with pytest.raises(ConversationNotFound):
                selectors.locked_participation(charlie.pk, unknown)


def test_the_other_one_of_two(direct: Conversation, bid: Conversation, alice: User, bob: User) -> None:
    found = selectors.others_in_pairs(alice.pk, [direct.pk, bid.pk])
    assert {key: other.person.name for key, other in found.items()} == {direct.pk: "Bob", bid.pk: "Bob"}
