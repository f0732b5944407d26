"""What is in the log and visible to its owner is owed to an endpoint: in order, until it is taken, and nothing else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from conversations.commands import AddMember, CreateConversation, RemoveMember
from conversations.models import Conversation, ParticipantRole
from conversations.pruning import Excess, prune_log
from flows.commands import PerformAction
from messaging.selectors import Replay, replay
from messaging.serializers import message_body
from stoory.accounts.models import User
from stoory.commands import execute
from stoory.times import iso, utc_now
from stoory.webhooks import outbox
from stoory.webhooks.commands import ChangeWebhook
from stoory.webhooks.figures import backlog
from stoory.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookPosition
from stoory.webhooks.outbox import FIRST_DELAY, GIVE_UP, KEPT_DELIVERIES, LONGEST_DELAY, Lease, Parcel, delay
from stoory.webhooks.posting import Answer
from tests.rest.routes import of
from tests.talk import automate, say
from tests.webhooks.turns import BROKEN, TAKEN, deliver, let_rest, position, texts, told, webhook_of

Api = Callable[[User | None], APIClient]


# What is told


def test_it_tells_what_happens_from_now_on(direct: Conversation, alice: User, bob: User) -> None:
    say(alice, direct, "before")
    webhook = webhook_of(alice)
    assert deliver(everything=True) == []

    message = say(bob, direct, "after").message
    [parcel] = deliver()
    body = parcel.hook.body
    assert (body.type, body.timestamp) == ("chat:new", iso(message.created_at))
    assert (body.conversation_id, body.seq, body.data) == (str(direct.pk), 2, {"message": message_body(message)})
    assert position(webhook, direct).due_at is None
    assert deliver(everything=True) == []


def test_conversations_that_are_opened_later_are_told_from_their_beginning(
    alice: User, bob: User, shipped_flows: None, api: Api
) -> None:
    webhook = webhook_of(alice)
    command = CreateConversation(actor=alice.pk, type="bid", participant_ids=[bob.pk], source_id="bid-2")
    opened = execute(command).conversation
    assert told(deliver(), webhook) == api(alice).get(of(opened, "events")).json()["events"] != []
    opened.refresh_from_db()
    assert position(webhook, opened).seq == opened.last_seq


def test_each_party_hears_its_own(alice: User, bob: User, bid: Conversation, api: Api) -> None:
    """As much as they may read, their own buttons among it."""
    webhooks = {"brand_owner": webhook_of(alice), "influencer": webhook_of(bob)}
    deadline = str(utc_now().date() + timedelta(days=30))
    starts = bid.log.order_by("-seq").values_list("seq", flat=True)[0]
    for who, action, data in (
        (bob, "accept_connection", {}),
        (alice, "send_project_details", {"deliverables": "One reel of 30 seconds", "deadline": deadline}),
        (bob, "accept_project", {}),
    ):
        execute(PerformAction(actor=who.pk, conversation_id=str(bid.pk), action=action, data=data))
    posted = deliver()
    for who, role in ((alice, "brand_owner"), (bob, "influencer")):
        readable = api(who).get(of(bid, "events"), {"after_seq": starts}).json()["events"]
        heard = told(posted, webhooks[role])
        assert heard == readable
        cards = [each["payload"]["message"] for each in heard if each["event"] == "chat:automated"]
        hidden = bid.messages.exclude(visible_to=None).exclude(visible_to=role)
        assert cards
        assert hidden.filter(seq__gt=starts).exists()
        assert not {str(key) for key in hidden.values_list("pk", flat=True)} & {card["id"] for card in cards}


def test_a_message_for_one_party_reaches_its_endpoint_alone(direct: Conversation, alice: User, bob: User) -> None:
    of_alice, of_bob = webhook_of(alice), webhook_of(bob)
    automate(direct, "for the brand", visible_to=ParticipantRole.BRAND_OWNER)
    say(alice, direct, "for both")
    posted = deliver()
    assert texts([each for each in posted if each.endpoint == of_alice]) == ["for the brand", "for both"]
    assert texts([each for each in posted if each.endpoint == of_bob]) == ["for both"]
    assert position(of_bob, direct).seq == 2


def test_outsiders_hear_nothing(direct: Conversation, alice: User, charlie: User) -> None:
    webhook_of(charlie)
    say(alice, direct)
    assert deliver(everything=True) == []


def test_it_tells_chosen_events_alone(direct: Conversation, alice: User, bob: User) -> None:
    webhook = webhook_of(alice, "chat:member_added", "chat:edited")
    for number in range(2 * outbox.PART + 1):
        say(bob, direct, str(number))
    assert deliver() == []
    assert position(webhook, direct).seq == 2 * outbox.PART + 1


def test_members_hear_what_follows_their_joining(channel: Conversation, alice: User, charlie: User) -> None:
    webhook_of(charlie)
    say(alice, channel, "before")
    add(alice, charlie, channel)
    say(alice, channel, "within")
    assert texts(deliver()) == ["within"]
    remove(alice, charlie, channel)
    say(alice, channel, "behind their back")
    assert deliver(everything=True) == []
    add(alice, charlie, channel)
    say(alice, channel, "again")
    assert texts(deliver()) == ["again"]


def test_who_is_removed_during_a_turn_hears_nothing_more(channel: Conversation, alice: User, bob: User) -> None:
    webhook_of(bob)
    say(alice, channel, "one")
    say(alice, channel, "two")

    def leave_behind_the_first(parcel: Parcel) -> Answer:
        remove(alice, bob, channel)
        return TAKEN

    assert texts(deliver(leave_behind_the_first)) == ["one"]
    assert deliver(everything=True) == []


def test_who_is_deactivated_hears_nothing_more(direct: Conversation, alice: User, bob: User) -> None:
    webhook_of(bob)
    say(alice, direct, "one")
    say(alice, direct, "two")

    def close_the_account(parcel: Parcel) -> Answer:
        User.objects.filter(pk=bob.pk).update(is_active=False)
        return TAKEN

    assert texts(deliver(close_the_account)) == ["one"]
    say(alice, direct, "three")
    assert deliver(everything=True) == []


def test_one_that_is_switched_on_again_is_told_what_it_missed(direct: Conversation, alice: User, bob: User) -> None:
    webhook = webhook_of(alice)
    switch(webhook, is_active=False)
    say(bob, direct, "missed")
    assert deliver(everything=True) == []
    Conversation.objects.update(updated_at=utc_now() - timedelta(days=1))
    switch(webhook, is_active=True)
    assert texts(deliver()) == ["missed"]


def test_a_look_at_all_finds_what_moved_long_ago(direct: Conversation, alice: User, bob: User) -> None:
    webhook_of(alice)
    say(bob, direct)
    Conversation.objects.update(updated_at=utc_now() - timedelta(minutes=1))
    assert deliver() == []
    assert len(deliver(everything=True)) == 1


def test_what_the_log_has_lost_is_told_as_a_gap(direct: Conversation, alice: User, bob: User) -> None:
    webhook = webhook_of(alice)
    for text in "abc":
        say(bob, direct, text)
    list(prune_log(Excess(direct.pk, 2), 100))
    [gap] = deliver()
    assert (gap.hook.body.type, gap.hook.body.seq) == ("gap", 3)
    assert gap.hook.body.data == {"conversationId": str(direct.pk), "afterSeq": 0, "lastSeq": 3}
    say(bob, direct, "d")
    assert texts(deliver()) == ["d"]
    assert position(webhook, direct).seq == 4


def test_what_is_logged_while_a_turn_ends_is_the_next_ones(
    direct: Conversation, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook_of(alice)
    say(bob, direct, "first")
    late = ["late"]

    def read_too_early(*args: object, **options: object) -> Replay:
        part = replay(*args, **options)  # type: ignore[arg-type]
        if not part.events and late:
            say(bob, direct, late.pop())
            Conversation.objects.update(updated_at=utc_now() - timedelta(days=1))
        return part

    monkeypatch.setattr(outbox, "replay", read_too_early)
    assert texts(deliver()) == ["first", "late"]


# Once, and in order


def test_a_conversation_is_leased_to_one_courier(direct: Conversation, alice: User, bob: User) -> None:
    webhook_of(alice)
    say(bob, direct)
    outbox.look()
    assert isinstance(outbox.claim(), Lease)
    assert outbox.claim() is None


def test_who_died_before_writing_it_down_is_replaced_and_it_has_the_same_id(
    direct: Conversation, alice: User, bob: User
) -> None:
    webhook = webhook_of(alice)
    say(bob, direct)
    outbox.look()
    dead = claimed()
    posted = outbox.next_parcel(dead)
    assert posted is not None

    let_rest(webhook)
    [again] = deliver()
    assert again.hook == posted.hook
    assert outbox.record(posted, BROKEN) is False
    assert position(webhook, direct).seq == 1
    assert outbox.next_parcel(dead) is None


def test_ids_differ_by_endpoint_and_place(direct: Conversation, alice: User, bob: User) -> None:
    webhook_of(alice)
    webhook_of(alice)
    say(bob, direct)
    say(bob, direct)
    assert len({parcel.hook.id for parcel in deliver()}) == 4


def test_a_turn_that_is_cut_short_is_gone_on_with(direct: Conversation, alice: User, bob: User) -> None:
    webhook_of(alice)
    say(bob, direct, "one")
    say(bob, direct, "two")
    outbox.look()
    lease = claimed()
    parcel = outbox.next_parcel(lease)
    assert parcel is not None
    assert outbox.record(parcel, TAKEN)
    outbox.yield_turn(lease)
    assert texts(deliver()) == ["two"]


# Failures


def test_a_hook_that_is_not_taken_holds_up_its_conversation_alone(
    direct: Conversation, channel: Conversation, alice: User, bob: User
) -> None:
    webhook = webhook_of(alice)
    say(bob, direct, "bad")
    say(bob, direct, "good")
    say(bob, channel, "elsewhere")

    def stumble(parcel: Parcel) -> Answer:
        return BROKEN if texts([parcel]) == ["bad"] else TAKEN

    [failed] = deliver(stumble)
    let_rest(webhook)
    posted = deliver(stumble)
    let_rest(webhook)
    posted += deliver(stumble)
    let_rest(webhook)
    assert set(texts(posted)) == {"bad", "elsewhere"}
    assert [each.hook for each in posted if texts([each]) == ["bad"]] == [failed.hook] * 2
    assert texts(deliver()) == ["bad", "good"]
    webhook.refresh_from_db()
    assert (webhook.failures, webhook.failing_since, webhook.rests_until) == (0, None, None)
    assert position(webhook, direct).failures == 0


def test_who_has_mended_theirs_need_not_wait(direct: Conversation, alice: User, bob: User) -> None:
    webhook = webhook_of(alice)
    say(bob, direct, "one")
    assert len(deliver(lambda parcel: BROKEN)) == 1
    assert deliver() == []
    switch(webhook, is_active=True)
    assert texts(deliver()) == ["one"]


def test_an_endpoint_that_fails_rests(direct: Conversation, channel: Conversation, alice: User, bob: User) -> None:
    webhook = webhook_of(alice)
    say(bob, direct)
    say(bob, channel)
    assert len(deliver(lambda parcel: BROKEN)) == 1
    webhook.refresh_from_db()
    assert webhook.failures == 1
    assert webhook.failing_since is not None
    let_rest(webhook)
    assert outbox.claim() is not None
    assert outbox.claim() is None, "one at a time, until it takes something"


def test_what_waits_is_counted(direct: Conversation, channel: Conversation, alice: User, bob: User) -> None:
    webhook = webhook_of(alice)
    say(bob, direct)
    say(bob, channel)
    outbox.look()
    WebhookPosition.objects.update(due_at=utc_now() - timedelta(minutes=5))
    found = {sample.name: sample.value for sample in backlog()}
    late = found["stoory_hooks_late_seconds"]
    assert found["stoory_hooks_due"] == 2
    assert isinstance(late, float)
    assert 300 <= late < 400
    deliver(lambda parcel: BROKEN)
    found = {sample.name: sample.value for sample in backlog()}
    assert found == {"stoory_hooks_due": 0, "stoory_hooks_late_seconds": 0, "stoory_webhooks_failing": 1}
    let_rest(webhook)
    deliver()
    assert {sample.value for sample in backlog()} == {0}


def test_an_endpoint_is_not_sent_everything_at_once(
    direct: Conversation, channel: Conversation, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "AT_ONCE", 1)
    webhook_of(alice)
    webhook_of(bob)
    say(bob, direct)
    say(bob, channel)
    outbox.look()
    leases = [outbox.claim() for _ in range(4)]
    assert [lease is not None for lease in leases] == [True, True, False, False]


def test_one_that_never_takes_a_hook_is_switched_off(direct: Conversation, alice: User, bob: User) -> None:
    webhook = webhook_of(alice)
    say(bob, direct, "bad")
    [failed] = deliver(lambda parcel: BROKEN)
    webhook.positions.update(failing_since=utc_now() - GIVE_UP)
    let_rest(webhook)
    deliver(lambda parcel: BROKEN)
    webhook.refresh_from_db()
    assert not webhook.is_active
    assert webhook.off_reason == f"It has not taken {failed.hook.id} for 5 days: HTTP status 500"
    assert deliver(everything=True) == []
    switch(webhook, is_active=True)
    assert texts(deliver()) == ["bad"]


def test_one_that_says_that_it_is_gone_is_switched_off_at_once(direct: Conversation, alice: User, bob: User) -> None:
    webhook = webhook_of(alice)
    say(bob, direct)
    deliver(lambda parcel: Answer(status=410, error="HTTP status 410"))
    webhook.refresh_from_db()
    assert (webhook.is_active, webhook.off_reason) == (False, "It answered 410 Gone")


def test_what_becomes_of_a_deleted_one_is_nobodys_concern(direct: Conversation, alice: User, bob: User) -> None:
    webhook = webhook_of(alice)
    say(bob, direct)
    outbox.look()
    parcel = outbox.next_parcel(claimed())
    assert parcel is not None
    webhook.delete()
    assert outbox.record(parcel, TAKEN) is False


def test_delays_grow_to_a_quarter_of_an_hour_and_differ() -> None:
    for failures, longest in ((1, FIRST_DELAY), (3, 4 * FIRST_DELAY), (10_000, LONGEST_DELAY)):
        delays = [delay(failures) for _ in range(50)]
        assert all(longest / 2 <= each <= longest for each in delays)
        assert len(set(delays)) > 1


def test_the_newest_attempts_are_kept(direct: Conversation, alice: User, bob: User) -> None:
    webhook, other = webhook_of(alice), webhook_of(bob)
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(endpoint=each, hook_id="msg", event="ping", seconds=0)
        for each in (webhook, other)
        for _ in range(KEPT_DELIVERIES)
    )
    say(bob, direct)
    deliver()
    assert [each.deliveries.count() for each in (webhook, other)] == [KEPT_DELIVERIES] * 2
    newest = webhook.deliveries.first()
    assert newest is not None
    assert (newest.event, newest.seq, newest.conversation_id, newest.status) == ("chat:new", 1, direct.pk, 200)


def claimed() -> Lease:
    lease = outbox.claim()
    assert lease is not None
    return lease


def add(by: User, who: User, where: Conversation) -> None:
    execute(AddMember(actor=by.pk, conversation_id=str(where.pk), user_id=who.pk))


def remove(by: User, who: User, where: Conversation) -> None:
    execute(RemoveMember(actor=by.pk, conversation_id=str(where.pk), user_id=who.pk))


def switch(webhook: WebhookEndpoint, *, is_active: bool) -> None:
    execute(ChangeWebhook(actor=webhook.owner_id, webhook_id=str(webhook.pk), is_active=is_active))
