"""What each error code means to who hears it: one table for every wire, REST and their documents."""

MEANINGS = {
    "not_authenticated": "no token, or not in time",
    "invalid_token": "malformed, badly signed, or of a user who is gone",
    "token_expired": "get a new one",
    "invalid_payload": "`path` says where, `message` says why; also a type, length or number that is out of bounds",
    "payload_too_large": "the event is longer than the limit",
    "unknown_event": "no such event for a client to send",
    "not_found": "no such conversation, message or campaign, or not yours",
    "forbidden": "a payload that speaks for somebody else, a socket or a message of another user",
    "automated_mode": "the conversation's flow has the word; people can't write now",
    "conversation_closed": "nobody can write any more",
    "wrong_role": "the button is the other party's, or staff's",
    "stale_action": "the conversation has moved on; `current` says where it is: draw its buttons anew",
    "unknown_action": "no state of the flow has such a button",
    "not_available": "the button's condition holds no longer; or no flow leads the conversation",
    "invalid_input": "`fields` says what is wrong with which input",
    "expired": "the time of the step was up, and it has been left",
    "flow_ended": "the flow has come to its end, or staff has closed the conversation",
    "flow_paused": "staff holds the conversation for now",
    "busy": "somebody else is acting on the conversation; try again with the same nonce",
    "nonce_reused": (
        "this nonce belongs to another message or another action; or the same send is still under way (workspace)"
    ),
    "invalid_flow": "a flow with errors is not published; `findings` says what and where (REST)",
    "migration_refused": "`problems` says why running conversations can't be moved like this (REST)",
    "rate_limited": "too often, or too many: try again after `retryAfter` seconds",
    "internal": "a fault of ours; it is in our log",
}
