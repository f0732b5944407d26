"""Where a request comes from, and whose word for it counts."""

import pytest

from stoory.addresses import client_address, neighbourhood, networks

TRUSTED = networks(["10.0.0.0/8", "::1", "fd00::/8"])
STRANGER, CLIENT = "203.0.113.9", "198.51.100.7"


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        (STRANGER, [], STRANGER),
        (STRANGER, [CLIENT], STRANGER),
        (STRANGER, ["10.0.0.1"], STRANGER),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [CLIENT], CLIENT),
        ("10.0.0.1", [f"8.8.8.8, {CLIENT}"], CLIENT),
        ("10.0.0.1", ["8.8.8.8", CLIENT], CLIENT),
        ("10.0.0.1", [f"8.8.8.8,{CLIENT}, 10.0.0.2 "], CLIENT),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", [f"{CLIENT}, nonsense, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", [f"{CLIENT}:50000"], CLIENT),
        ("::1", ["[2001:db8::7]:50000"], "2001:db8::7"),
        ("::ffff:10.0.0.1", [f"::ffff:{CLIENT}"], CLIENT),
        ("fd00::5", ["2001:db8::7"], "2001:db8::7"),
        ("", [CLIENT], CLIENT),
        ("", [], ""),
    ],
)
def test_it_is_the_last_hop_that_is_not_ours(peer: str, forwarded: list[str], client: str) -> None:
    assert client_address(peer, forwarded, TRUSTED) == client


def test_nobody_is_trusted_unless_named() -> None:
    assert client_address("127.0.0.1", [CLIENT], ()) == "127.0.0.1"


@pytest.mark.parametrize("text", ["proxy.example.org", "10.0.0.1/8", "10.0.0.0/33", ""])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"does not appear|host bits"):
        networks([text])


@pytest.mark.parametrize(
    ("address", "place"),
    [
        (CLIENT, CLIENT),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::/64", "2001:db8:1:2::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_the_addresses_of_one_subscriber_are_one(address: str, place: str) -> None:
    assert neighbourhood(address) == place
