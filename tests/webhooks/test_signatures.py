"""Signatures are those of Standard Webhooks 1.0."""

from stoory.webhooks.signatures import new_secret, signed
from tests.webhooks.integrator import Received, verified


def received(headers: dict[str, str], body: bytes) -> Received:
    return Received("POST / HTTP/1.1", headers, body)


def test_it_signs_as_the_scheme_says() -> None:
    """A secret, an id, a time and a body for which others have worked out the signature."""
    headers = signed(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_each_secret_signs() -> None:
    old, new, other = new_secret(), new_secret(), new_secret()
    hook = received(signed([new, old], "msg_1", 1, b"{}"), b"{}")
    assert [verified(secret, hook) for secret in (old, new, other)] == [True, True, False]


def test_what_was_changed_on_the_way_is_not_verified() -> None:
    secret = new_secret()
    headers = signed([secret], "msg_1", 1, b"{}")
    assert not verified(secret, received(headers, b"{ }"))
    for name in ("webhook-id", "webhook-timestamp"):
        assert not verified(secret, received(headers | {name: "2"}, b"{}"))
