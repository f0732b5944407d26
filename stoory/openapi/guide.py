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

1. `GET /api/messages/conversations/<id>/actions` lists what **you** may do now. Where `awaiting_role` is the other
   party's it is mostly nothing: in the demo's bid `bob` begins.
2. `POST …/actions` with `{"action": "<a button's action>", "data": {…}, "state_seq": <the list's>}` does it. `data` has
   a value for each of the button's `inputs`, whose bounds are told with them. The answer says where the flow is now.
3. Go on until `chat_status` is `real_time`. From there on, `POST /api/messages`.

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
