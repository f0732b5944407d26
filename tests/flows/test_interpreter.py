"""Steps and refusals of the interpreter, on a flow of five states."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from flows.decoding import decode
from flows.interpreter import available, card, start, step
from flows.simulation import DAWN, PEOPLE, Script, Simulation
from flows.snapshots import Elapse, Force, Message, People, Press, Receive, Refusal
from tests.flows.players import SMALL, bent, follows, play, refused, small

ASKED = ("influencer", "ask", {"price": "200"})


def test_it_starts_in_the_initial_state_and_asks_who_is_awaited() -> None:
    first = follows(start(small(), {}, DAWN, PEOPLE))

    assert (first.after.state, first.after.state_seq, first.entered) == ("asked", 1, True)
    assert first.after.context == {"price": None, "day": None, "round": 0, "note": None}
    assert first.messages == (Message(to="influencer", texts={"en": "What do you ask, Asha?"}, action_required=True),)
    assert (first.record.reason, first.record.from_state, first.record.dwell) == ("start", None, None)


def test_it_takes_start_values_that_are_declared() -> None:
    assert follows(start(small(), {"note": " hello "}, DAWN)).after.context["note"] == "hello"


@pytest.mark.parametrize(
    ("context", "fields"),
    [
        ({"price": "1"}, {"price": "is not a start value"}),
        ({"nothing": 1}, {"nothing": "is not a start value"}),
        ({"note": 5}, {"note": "must be text"}),
    ],
)
def test_it_refuses_start_values_that_are_not(context: dict[str, object], fields: dict[str, str]) -> None:
    refusal = refused(start(small(), context, DAWN))

    assert (refusal.code, refusal.fields) == ("invalid_input", fields)


def test_it_wants_the_start_values_that_are_required() -> None:
    definition = decode(bent("context.note.at_start", True))

    assert refused(start(definition, {}, DAWN)).fields == {"note": "is required"}


def test_a_press_moves_the_state_counts_and_tells() -> None:
    game = play(small())
    game.now += timedelta(hours=2)
    step = follows(game.press("influencer", "ask", price="200", day="2026-02-01"))

    assert (step.after.state, step.after.state_seq) == ("answered", 2)
    assert step.after.context == {"price": "200.00", "day": "2026-02-01", "round": 1, "note": None}
    assert step.messages == (Message(to="brand_owner", texts={"en": "Asha asks for ₹200."}, action_required=True),)
    assert step.record.reason == "action:ask"
    assert (step.record.role, step.record.seq_from, step.record.seq_to) == ("influencer", 1, 2)
    assert step.record.dwell == timedelta(hours=2)


def test_entering_a_state_schedules_its_timers() -> None:
    game = play(small(), ASKED)

    due = {alarm.timer: alarm.due_at - DAWN for alarm in game.alarms}
    assert due == {"remind": timedelta(days=1), "expire": timedelta(days=3)}


def test_a_reminder_leaves_the_buttons_current() -> None:
    game = play(small(), ASKED)
    (reminder,) = game.advance(timedelta(days=1))

    assert (reminder.after.state_seq, reminder.entered) == (2, False)
    assert reminder.messages == (Message(to="both", texts={"en": "Still open."}),)
    assert [alarm.timer for alarm in game.alarms] == ["expire"]


def test_a_reminder_may_repeat() -> None:
    game = play(decode(bent("states.answered.timers.0.repeat", "P1D")), ASKED)

    assert len(game.advance(timedelta(days=2, hours=1))) == 2


def test_silence_expires_the_state() -> None:
    game = play(small())
    game.advance(timedelta(days=3))

    assert (game.snapshot.state, game.alarms) == ("late", [])


def test_a_message_to_both_splits_where_one_side_gets_buttons() -> None:
    said = [{"to": "both", "text": "New."}]
    game = play(decode(bent("states.asked.actions.0.say", said)), ASKED)

    assert game.steps[-1].messages == (
        Message(to="influencer", texts={"en": "New."}),
        Message(to="brand_owner", texts={"en": "New."}, action_required=True),
    )


def test_a_message_to_both_stays_one_where_nobody_gets_buttons() -> None:
    game = play(decode(bent("states.answered.actions.0.say", [{"to": "both", "text": "Done."}])), ASKED)
    follows(game.press("brand_owner", "agree"))

    assert game.steps[-1].messages == (Message(to="both", texts={"en": "Done."}),)


def test_an_action_that_stays_keeps_the_timers_and_renews_the_buttons() -> None:
    stays = {"id": "ping", "role": "brand_owner", "label": "Ping", "say": [{"to": "brand_owner", "text": "Pong."}]}
    game = play(decode(bent("states.answered.actions.2", stays)), ASKED)
    before = list(game.alarms)
    step = follows(game.press("brand_owner", "ping"))

    assert (step.after.state, step.after.state_seq, step.entered) == ("answered", 3, False)
    assert step.messages == (Message(to="brand_owner", texts={"en": "Pong."}, action_required=True),)
    assert game.alarms == before


def test_whoever_is_awaited_gets_new_buttons_with_whatever_makes_its_own_old() -> None:
    told = [{"to": "brand_owner", "text": "It failed."}]
    game = play(decode(bent("states.asked.events", [{"event": "payment.failed", "say": told}])))
    step = follows(game.receive("payment.failed"))

    assert (step.after.state_seq, step.entered) == (2, False)
    assert step.messages == (
        Message(to="brand_owner", texts={"en": "It failed."}),
        Message(to="influencer", texts={"en": "What do you ask, Asha?"}, action_required=True),
    )


def test_a_branch_is_chosen_by_the_values_after_the_step() -> None:
    branches = [
        {"state": "real_time", "when": {"all": [{"var": "ctx.price", "op": "lte", "value": "100"}]}},
        {"state": "answered"},
    ]
    definition = decode(bent("states.asked.actions.0.to", branches))

    assert play(definition, ("influencer", "ask", {"price": "99.50"})).snapshot.state == "real_time"
    assert play(definition, ("influencer", "ask", {"price": "100.01"})).snapshot.state == "answered"


def test_staff_can_force_a_state() -> None:
    game = play(small(), ASKED)
    step = follows(game.do(Force(state="asked")))

    assert (step.after.state, step.after.state_seq, step.record.reason) == ("asked", 3, "staff:force")
    assert step.messages[0].action_required
    assert refused(game.do(Force(state="nowhere"))).code == "invalid_input"


def press(game: Simulation, action: str, role: str, **more: object) -> Refusal:
    return refused(game.do(Press(action=action, role=role, **more)))  # type: ignore[arg-type]


def test_it_refuses_the_other_partys_button() -> None:
    assert press(play(small()), "ask", "brand_owner").code == "wrong_role"
    assert press(play(small()), "ask", "member").code == "wrong_role"


def test_it_refuses_an_action_that_no_state_has() -> None:
    assert press(play(small()), "dance", "influencer").code == "unknown_action"


def test_it_refuses_an_action_of_another_state() -> None:
    refusal = press(play(small(), ASKED), "ask", "influencer", data={"price": "20"})

    assert refusal.code == "stale_action"
    assert refusal.current == {"state_seq": 2, "flow_state": "answered"}


def test_it_refuses_a_button_of_an_earlier_round() -> None:
    game = play(small(), ASKED, ("brand_owner", "refuse"))

    assert press(game, "ask", "influencer", data={"price": "20"}, state_seq=1).code == "stale_action"
    follows(game.do(Press(action="ask", role="influencer", data={"price": "20"}, state_seq=3)))


def test_it_refuses_an_action_whose_condition_fails() -> None:
    game = play(small(), ASKED, ("brand_owner", "refuse"), ASKED)

    assert press(game, "refuse", "brand_owner").code == "not_available"
    assert [button["id"] for button in available(small(), game.snapshot, "brand_owner", DAWN)] == ["agree"]


def test_it_refuses_answers_by_input_id() -> None:
    refusal = press(play(small()), "ask", "influencer", data={"price": "501", "day": "soon", "extra": 1})

    assert refusal.code == "invalid_input"
    assert refusal.fields == {
        "price": "must be between 10 and 500",
        "day": "must be a date like 2026-12-31",
        "extra": "is not asked for",
    }


@pytest.mark.parametrize("data", ["text", 5, [1], True])
def test_it_refuses_answers_that_are_no_object(data: object) -> None:
    assert press(play(small()), "ask", "influencer", data=data).fields == {"data": "must be an object"}


def test_it_refuses_a_press_after_the_expiry_even_before_the_timer_fired() -> None:
    game = play(small())
    last = game.now + timedelta(days=3)

    assert refused(step(small(), game.snapshot, Press(action="leave", role="influencer"), last)).code == "expired"
    assert available(small(), game.snapshot, "influencer", last) == []
    follows(step(small(), game.snapshot, Press(action="leave", role="influencer"), last - timedelta(seconds=1)))


def test_it_refuses_everything_at_the_end() -> None:
    game = play(small(), ("influencer", "leave"))

    assert press(game, "ask", "influencer").code == "flow_ended"
    assert refused(game.do(Receive(event="payment.captured", data={"payment_id": "1"}))).code == "ignored"
    assert refused(game.do(Elapse(timer="expire"))).code == "ignored"


def test_it_ignores_a_timer_that_is_not_due() -> None:
    assert refused(play(small()).do(Elapse(timer="expire"))).code == "ignored"


def test_an_event_must_carry_its_values() -> None:
    refusal = refused(play(small()).do(Receive(event="payment.captured", data={"payment_id": ["x"]})))

    assert (refusal.code, refusal.fields) == ("invalid_input", {"payment_id": "must be text"})


def test_a_refusal_changes_nothing() -> None:
    game = play(small())
    before = (game.snapshot, list(game.alarms), list(game.steps))
    game.press("brand_owner", "ask", price="20")

    assert (game.snapshot, game.alarms, game.steps) == before


def test_the_card_shows_what_the_reader_may_do_now() -> None:
    game = play(small())

    assert card(small(), game.snapshot, "influencer", DAWN) == {
        "flow": "small",
        "state": "asked",
        "state_seq": 1,
        "awaiting_role": "influencer",
        "visible_to": "influencer",
        "title": "Your price",
        "subtitle": "What do you ask, Asha?",
        "expires_at": "2026-01-08T09:00:00.000Z",
        "buttons": [
            {
                "id": "ask",
                "action": "ask",
                "text": "Ask",
                "style": "secondary",
                "confirm": None,
                "inputs": [
                    {"type": "money", "id": "price", "label": "Price", "required": True, "min": "10", "max": "500"},
                    {
                        "type": "date",
                        "id": "day",
                        "label": "Day",
                        "required": False,
                        "min": "2026-01-05",
                        "max": "2027-01-05",
                    },
                ],
            },
            {"id": "leave", "action": "leave", "text": "Leave", "style": "danger", "confirm": None, "inputs": []},
        ],
    }
    assert card(small(), game.snapshot, "brand_owner", DAWN) is None


def test_every_reader_reads_its_language() -> None:
    document = bent("states.asked.prompt.influencer", {"title": {"en": "Price", "hi": "कीमत"}, "text": "Yours?"})
    document["states"]["asked"]["actions"][1]["say"] = [{"to": "brand_owner", "text": {"en": "No.", "hi": "नहीं।"}}]
    game = play(decode(document))
    titles = [card(decode(document), game.snapshot, "influencer", DAWN, locale) for locale in ("hi-IN", "fr")]

    assert [shown and shown["title"] for shown in titles] == ["कीमत", "Price"]
    assert follows(game.press("influencer", "leave")).messages[0].texts == {"en": "No.", "hi": "नहीं।"}


def test_texts_may_name_who_acted() -> None:
    said = [{"to": "brand_owner", "text": "{{actor.name}} ({{actor.role}}) left."}]
    game = play(decode(bent("states.asked.actions.1.say", said)))
    press = Press(action="leave", role="influencer", by="Asha's agent")

    assert follows(game.do(press)).messages[0].texts["en"] == "Asha's agent (influencer) left."


def test_a_dated_timer_waits_for_its_day_in_the_flows_timezone() -> None:
    timer = {"id": "soon", "kind": "reminder", "at": "ctx.day", "before": True, "offset": "P1D"}
    definition = decode(bent("states.answered.timers.2", timer))
    game = play(definition, ("influencer", "ask", {"price": "20", "day": "2026-01-07"}))

    due = {alarm.timer: alarm.due_at.isoformat() for alarm in game.alarms}
    assert due["soon"] == "2026-01-06T03:30:00+00:00", "nine o'clock in Kolkata, the day before"


def test_a_dated_timer_without_its_date_is_not_scheduled() -> None:
    timer = {"id": "soon", "kind": "reminder", "at": "ctx.day"}
    game = play(decode(bent("states.answered.timers.2", timer)), ASKED)

    assert "soon" not in [alarm.timer for alarm in game.alarms]


def test_a_dated_expiry_leaves_at_least_the_time_that_was_promised() -> None:
    timer = {"id": "late", "at": "ctx.day", "at_least": "P7D", "to": "late"}
    game = play(
        decode(bent("states.answered.timers.2", timer)), ("influencer", "ask", {"price": "20", "day": "2026-01-05"})
    )

    assert {alarm.timer: alarm.due_at - DAWN for alarm in game.alarms}["late"] == timedelta(days=7)


def test_effects_carry_what_they_take() -> None:
    document = bent("states.asked.events", [{"event": "payment.captured", "do": {"call": ["escrow.hold"]}}])
    step = follows(play(decode(document)).receive("payment.captured", payment_id="p-1", more="dropped"))

    assert [(call.effect, call.arguments) for call in step.calls] == [("escrow.hold", {"payment_id": "p-1"})]


def test_constants_and_computations_are_set() -> None:
    document = bent("context.agreed_amount", {"type": "money", "initial": "199.99"})
    document["context"]["fee"] = {"type": "money"}
    document["limits"]["fee_percent"] = 15
    document["states"]["asked"]["actions"][1]["do"] = {
        "set": {"fee": {"compute": "money.fee"}, "note": {"value": "gone"}, "round": "limits.rounds"}
    }
    context = follows(play(decode(document)).press("influencer", "leave")).after.context

    assert (context["fee"], context["note"], context["round"]) == ("30.00", "gone", 2)


def test_what_people_write_is_never_expanded() -> None:
    game = Simulation(decode(SMALL), Script(people=People(influencer="{{ctx.price|money}}")))

    assert game.steps[0].messages[0].texts["en"] == "What do you ask, {{ctx.price|money}}?"


def test_the_same_step_has_the_same_answer() -> None:
    game = play(small())
    trigger = Press(action="ask", role="influencer", data={"price": "20"})
    answers = [step(small(), game.snapshot, trigger, DAWN) for _ in range(2)]

    assert answers[0] == answers[1]
    assert game.snapshot == replace(game.snapshot)
