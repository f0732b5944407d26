"""What stands at the head of the OpenAPI document: enough to send a message and to lead a bid to free chat."""

from stoory.documents.error_codes import MEANINGS
from stoory.http import STATUS_OF

_SOCKETS_ONLY = ("unknown_event",)

GUIDE = """
JSON in and out; a trailing slash is optional everywhere. What is sent here reaches the sockets exactly like what is
sent by a socket, and the other way round: [the events](/api/events/).

## Send a message

1. `POST /api/token` with a name and a password answers `{access, refresh}`. Send `Authorization: Bearer <access>` with
   everything else. On a developer's server this page has done so already, as `alice`; the other logins are `bob`,
   `charlie` and `staff`, with the password `stoory-demo`.
2. `GET /api/messages/conversations?type=direct` lists conversations. `POST /api/messages/conversations` with
   `{"type": "direct", "receiver_id": "<user>"}` opens one, or finds the one there is.
3. `POST /api/messages` with `{"conversation_id": "<id>", "message": "Hello"}` sends. So does
   `{"receiver_id": "<user>", "message": "Hello"}`, with no conversation to look for.

## Advance a flow

A bid or a campaign conversation is led by a flow until both are agreed; until then writing is refused with
`automated_mode`.

1. `GET /api/messages/conversations?type=bid` lists bids; the demo has one. A brand owner, like `alice`, or an
   influencer, like `bob`, opens another with the other one: `POST /api/messages/conversations` with `{"type": "bid",
   "receiver_id": "<the other's id>", "source_id": "<your own name for the bid>"}`. Ids of people are in `other_user`.
2. `GET …/conversations/<id>/actions` lists what **you** may do now. Where `awaiting_role` is the other party's it is
   mostly nothing, so ask as the other one too: in a new bid the influencer begins.
3. `POST …/actions` with `{"action": "<a button's action>", "data": {…}, "state_seq": <the list's>}` does it. `data` has
   a value for each of the button's `inputs`, by its `id`; what is not `required` may be left out, and what is not asked
   for is refused. The answer says where the flow is now.
4. Where the flow waits for money, as a bid does in `payment_pending` once the brand owner has pressed
   `proceed_to_payment`, and in `work_approved`, the payment provider has the word: it reports `payment.captured`, and
   later `payout.succeeded`, by `POST /api/flows/events`. The sandbox of a developer's server that `make run` has
   started does so by itself, in a second or two.
5. Go on until `chat_status` is `real_time`. From there on, `POST /api/messages`. Where it is `closed`, they did not
   agree, or not in time.

The value of an input, by its `type`:

| type | for example | |
|---|---|---|
| `text` | `"Three reels of 30 seconds"` | `min_length` to `max_length` characters, in the `format` that it has |
| `money` | `"9000.00"` | in quotes, `min` to `max` |
| `number` | `3` | a whole one, `min` to `max` |
| `date` | `"2026-12-31"` | `min` to `max` |
| `choice` | `"other"` | the `value` of one of the `options`; a list of them where `multiple` |
| `bool` | `true` | or `false`, unless `must_be_true` |
| `file` | `["file-1"]` | at most `max_count` ids of files, which you keep yourself |

`invalid_input` says in `fields` which of them won't do. After `stale_action` and `expired` ask for the actions again.

## Sending something once

Give each message and each action a random `client_nonce`, or the header `Idempotency-Key`, and the same one to each
try. A repeat stores nothing and tells nobody: a message is answered with 200 instead of 201, an action with
`replayed: true`. The same nonce with other content is `nonce_reused`.

## Pages

`?page=1&limit=50` where there are pages; `pagination.has_more` says whether there is another. Messages and the log are
better read by place: `?before_seq=` and `?after_seq=` do not shift when something is added.

## Errors

`{"success": false, "message": "…", "code": "…", "errors": {…}}`, where `code` is one of these. A conversation that you
are not in is answered exactly like one that does not exist.

| code | status | meaning |
|---|---|---|
"""


def guide() -> str:
    """Return the text, with every code that REST refuses by."""
    rows = [
        f"| `{code}` | {STATUS_OF.get(code, 400)} | {meaning} |"
        for code, meaning in MEANINGS.items()
        if code not in _SOCKETS_ONLY
    ]
    return GUIDE.strip() + "\n" + "\n".join(rows) + "\n"
