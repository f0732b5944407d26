"""On PostgreSQL, whatever is asked often finds its rows by an index, however many there are: the plan is tested."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection

from conversations.models import Conversation, Participant
from conversations.selectors import memberships, participation, recent_conversations
from messaging import conversation_list, inbox, selectors
from messaging.send_statement import STATEMENT, SendGroup
from stoory.accounts.models import User
from stoory.times import utc_now
from tests.talk import said

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

CONVERSATIONS = 1_000  # of one user, and twenty times as many of others
MESSAGES = 100_000  # every second one in the first conversation

PEOPLE = """
    INSERT INTO accounts_user (
        id, username, name, role, image_url, issuer, locale, password, email,
        is_active, is_staff, is_superuser, date_joined
    )
    SELECT 'user-' || n, 'user-' || n, '', 'influencer', '', '', '', '', '', true, false, false, now()
    FROM generate_series(1, 3000) AS n
"""
PLACES = """
    WITH made AS (
        INSERT INTO conversations_conversation (
            id, type, title, is_public, source_id, context, chat_status, automation_enabled, state_seq, last_seq,
            pruned_seq, created_at, updated_at, pair_low, pair_high
        )
        SELECT gen_random_uuid(), CASE WHEN is_hers THEN 'direct' ELSE 'bid' END, '', false, n, '{}', 'real_time',
            false, 0, %(messages)s, 0, now(), now() - n * interval '1 minute',
            'user-' || CASE WHEN is_hers THEN 1 ELSE 2 + n %% 1000 END, 'user-' || (1500 + n %% 1400)
        FROM generate_series(1, 21 * %(conversations)s) AS n,
            LATERAL (SELECT n <= %(conversations)s AS is_hers) AS whose
        RETURNING id, pair_low, pair_high
    )
    INSERT INTO conversations_participant (conversation_id, user_id, role, last_read_seq, joined_at, joined_seq)
    SELECT id, unnest(ARRAY[pair_low, pair_high]), 'member', 0, now(), 0 FROM made
"""
SENT = """
    WITH places AS (
        SELECT id, pair_high, row_number() OVER (ORDER BY updated_at DESC) AS place
        FROM conversations_conversation ORDER BY updated_at DESC LIMIT %(conversations)s
    ), numbers AS (
        SELECT n, CASE WHEN n %% 2 = 0 THEN 1 ELSE 1 + n / 2 %% %(conversations)s END AS place
        FROM generate_series(1, %(messages)s) AS n
    ), logged AS (
        INSERT INTO conversations_conversationevent (conversation_id, seq, kind, payload, created_at)
        SELECT id, n, 'message', '{}', now() FROM numbers JOIN places USING (place)
    )
    INSERT INTO messaging_message (
        id, conversation_id, seq, sender_id, text, message_type, action_required, reason, client_nonce, created_at
    )
    SELECT gen_random_uuid(), id, n, pair_high, 'Hello', 'user_input', false, '', n, now()
    FROM numbers JOIN places USING (place)
"""
RECEIPTS = """
    INSERT INTO messaging_readreceipt (message_id, reader_id, read_at)
    SELECT id, CASE WHEN seq %% 10 = 1 THEN 'user-1' ELSE 'user-' || 2 + seq %% 2900 END, now()
    FROM messaging_message WHERE seq %% 10 IN (1, 3)
"""


@pytest.fixture
def busy(db: None) -> Conversation:
    """Half of a hundred thousand messages are in this conversation, the others in a thousand more."""
    if connection.vendor != "postgresql":
        pytest.skip("other databases plan otherwise")
    numbers = {"conversations": CONVERSATIONS, "messages": MESSAGES}
    with connection.cursor() as cursor:
        for statement in (PEOPLE, PLACES, SENT, RECEIPTS):
            cursor.execute(statement, numbers)
        # References were checked by reading whole tables while those were small, and the session remembers it.
        cursor.execute("DISCARD PLANS")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is deferred would stand in the way of ANALYZE
        cursor.execute("ANALYZE")
    return Conversation.objects.order_by("-updated_at")[0]


@pytest.fixture
def plans(busy: Conversation) -> Iterator[list[str]]:
    """Collect how PostgreSQL goes about each query."""
    collected: list[str] = []

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        with context["connection"].connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}", params)
            collected.append("\n".join(line for (line,) in cursor.fetchall()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield collected


def user(number: int) -> User:
    return User(pk=f"user-{number}")


def asked() -> dict[str, Callable[[Conversation], Any]]:
    """Return what is asked often, of a user with a thousand conversations."""

    def reader(conversation: Conversation) -> Participant:
        return participation("user-1", str(conversation.pk))

    def moved(conversation: Conversation) -> Any:
        return memberships([f"user-{n}" for n in range(1, 200)], since=utc_now() - timedelta(seconds=10))

    return {
        "newest page": lambda c: selectors.messages_before(reader(c), None, 50),
        "deep page": lambda c: selectors.messages_before(reader(c), MESSAGES // 2, 50),
        "page after": lambda c: selectors.messages_after(reader(c), MESSAGES // 2, 50),
        "events after": lambda c: selectors.replay(reader(c), MESSAGES - 500),
        "events between": lambda c: selectors.events_between(str(c.pk), MESSAGES - 500, MESSAGES),
        "unread of one": lambda c: selectors.unread_count(reader(c)),
        "unread of all": lambda c: selectors.unread_total("user-1"),
        "list": lambda c: conversation_list.page_of("user-1", None, 1, 50),
        "list of a kind": lambda c: conversation_list.page_of("user-1", "direct", 10, 50),
        "lines": lambda c: inbox.readers([str(c.pk)], ["user-1", "user-2"]),
        "what moved": moved,
        "recent": lambda c: recent_conversations(["user-2"], 50, members_up_to=100),
    }


# A whole table; or all receipts of a reader, of whom most have a few, and one has thousands.
SCANNED = re.compile("Seq Scan on (?:messaging|conversations)_|messaging_readreceipt_reader_id")


def test_what_is_asked_often_reads_no_whole_table(busy: Conversation, plans: list[str]) -> None:
    scanning: dict[str, list[str]] = {}
    for what, ask in asked().items():
        plans.clear()
        ask(busy)
        assert plans, what
        scanning[what] = [plan for plan in plans if SCANNED.search(plan)]
    faults = {what: found for what, found in scanning.items() if found}
    assert not faults, "\n".join(f"{what}:\n{plan}" for what, found in faults.items() for plan in found)


def test_the_statement_finds_everything_by_an_index(busy: Conversation) -> None:
    group = SendGroup([said(user(n % 2 + 1), busy, client_nonce=f"{n}", reply_to_id="") for n in range(100)])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"EXPLAIN {STATEMENT}", group.parameters())
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan" not in plan
    for scan in re.finditer(r"Index (?:Only )?Scan using (\w+).*\n\s*(.*)", plan):
        assert scan[2].startswith("Index Cond"), plan


PAGES = ("newest page", "deep page", "page after", "events after")


def test_a_page_is_read_in_the_order_of_the_index(busy: Conversation) -> None:
    """Also when it is planned for any conversation, and most are short: a long one would be sorted for each page."""
    sorting: dict[str, str] = {}

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "LIMIT" not in sql:  # all that is found is wanted, in whichever order it is found
            return execute(sql, params, many, context)
        places = count(1)
        with context["connection"].connection.cursor() as cursor:
            cursor.execute("EXPLAIN (GENERIC_PLAN) " + re.sub("%s", lambda _: f"${next(places)}", sql))
            plan = "\n".join(line for (line,) in cursor.fetchall())
        if re.search("Sort|Bitmap Heap Scan on (?:messaging_message|conversations_conversationevent)", plan):
            sorting[sql] = plan
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        for page in PAGES:
            asked()[page](busy)
    assert not sorting, "\n".join(sorting.values())
