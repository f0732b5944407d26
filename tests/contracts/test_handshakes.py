"""By which handshake a family is told, and what it brings its sockets."""

from typing import Any

import pytest

from stoory.realtime.contracts import CONTRACTS
from stoory.realtime.contracts.base import Handshake
from stoory.realtime.contracts.workspace import WORKSPACE
from tests.contracts.samples import ALICE

HANDSHAKES: dict[str, tuple[str, str, dict[str, Any], list[str]]] = {
    "without credentials": ("/socket.io/", "/", {}, []),
    "with a token": ("/socket.io/", "/", {"token": "x"}, []),
    "with a hint": ("/socket.io/", "/", {"token": "x", "contracts": ["chat"]}, []),
    "by the path": ("/api/socket.io/", "/", {"token": "Bearer x"}, ["workspace"]),
    "by the path without its slash": ("/api/socket.io", "/", {"token": "Bearer x"}, ["workspace"]),
    "by the namespace": ("/socket.io/", "/api/socket.io", {"token": "Bearer x"}, ["workspace"]),
    "by the userId": ("/socket.io/", "/", {"token": "Bearer x", "userId": ALICE}, ["workspace"]),
}


@pytest.mark.parametrize("name", HANDSHAKES)
def test_a_family_claims_its_own_handshake(name: str) -> None:
    path, namespace, auth, families = HANDSHAKES[name]
    handshake = Handshake(path=path, namespace=namespace, auth=auth)
    assert [contract.name for contract in CONTRACTS if contract.claims(handshake)] == families


def test_workspace_alone_is_kept_from_the_others_user_level_events() -> None:
    assert [contract.name for contract in CONTRACTS if contract.exclusive] == ["workspace"]


def test_workspace_alone_answers_a_refused_handshake_on_the_socket() -> None:
    assert [contract.name for contract in CONTRACTS if contract.refusal is not None] == ["workspace"]


def test_workspace_joins_the_200_most_recent_channels() -> None:
    assert {contract.name: contract.joins_on_connect for contract in CONTRACTS if contract.joins_on_connect} == {
        "workspace": 200
    }


def test_workspace_is_told_of_the_1000_most_recent_channels() -> None:
    channels = [f"channel-{number}" for number in range(1_001)]
    assert WORKSPACE.greeting(ALICE, channels) == (
        "connection:success",
        {"userId": ALICE, "channels": channels[:1_000]},
    )
