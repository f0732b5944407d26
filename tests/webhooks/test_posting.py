"""One attempt: what counts as taken, and that nobody can hold it up, lead it on or lead it astray."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_django import Settings

from stoory.webhooks import posting
from stoory.webhooks.posting import post
from tests.webhooks.integrator import OK, Receiver

HEADERS = {"webhook-id": "msg_1"}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as server:
        yield server


async def test_it_posts(receiver: Receiver) -> None:
    answer = await post(receiver.url, HEADERS, b'{"type": "ping"}')
    assert (answer.status, answer.error) == (200, "")
    [received] = receiver.received
    assert (received.line, received.body) == ("POST /hooks?of=stoory HTTP/1.1", b'{"type": "ping"}')
    assert received.headers == {
        "host": receiver.url.split("/")[2],
        "user-agent": "stoory",
        "content-type": "application/json",
        "content-length": "16",
        "connection": "close",
        "webhook-id": "msg_1",
    }


@pytest.mark.parametrize(
    ("answered", "status", "error"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        (b"HTTP/1.0 202\r\n\r\n", 202, ""),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK, 200, ""),
        (b"HTTP/1.1 500 Internal Server Error\r\n\r\n", 500, "HTTP status 500"),
        (b"HTTP/1.1 410 Gone\r\n\r\n", 410, "HTTP status 410"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n", 302, "Redirections are not followed"),
        (b"", None, "The answer is not HTTP"),
        (b"HTTP/1.1 200", None, "The answer is not HTTP"),
        (b"SSH-2.0-OpenSSH\r\n", None, "The answer is not HTTP"),
        (b"x" * 2 * posting.MAX_LINE_BYTES, None, "The answer is not HTTP"),
    ],
)
async def test_only_a_2xx_is_a_success(receiver: Receiver, answered: bytes, status: int | None, error: str) -> None:
    receiver.answer = answered
    answer = await post(receiver.url, HEADERS, b"{}")
    assert (answer.status, answer.error) == (status, error)
    assert len(receiver.received) == 1


async def test_a_long_answer_is_not_read_to_its_end(receiver: Receiver) -> None:
    receiver.answer = OK + b"x" * 10_000_000
    assert (await post(receiver.url, HEADERS, b"{}")).status == 200


async def test_who_does_not_answer_in_time_has_failed(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "TIMEOUT_SECONDS", 0.05)
    receiver.answer = None
    answer = await post(receiver.url, HEADERS, b"{}")
    assert (answer.status, answer.error) == (None, "No answer in 0.05 seconds")


async def test_a_body_that_does_not_end_is_not_waited_for(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "READ_OUT_SECONDS", 0.05)
    server = await asyncio.start_server(half_an_answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert (await post(f"http://127.0.0.1:{port}", HEADERS, b"{}")).status == 200
    server.close()
    await server.wait_closed()


async def half_an_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
    await reader.read()
    writer.close()


async def test_nobody_there() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        answer = await post(f"http://127.0.0.1:{unused.getsockname()[1]}", HEADERS, b"{}")
    assert answer.status is None
    assert "Connect" in answer.error


# Addresses


def names(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Have every name mean these addresses."""

    async def resolve(host: str, port: int, **options: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)


@pytest.mark.parametrize("found", [["127.0.0.1"], ["10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"]])
async def test_a_name_that_means_a_private_address_is_not_connected_to(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, found: list[str]
) -> None:
    settings.WEBHOOK_PRIVATE_ADDRESSES = False
    names(monkeypatch, *found)
    connections = []
    monkeypatch.setattr(asyncio, "open_connection", lambda *args, **options: connections.append(args))
    answer = await post("https://hooks.example.org", HEADERS, b"{}")
    assert (answer.status, answer.error) == (None, "The address is not a public one")
    assert connections == []


async def test_it_connects_to_the_address_that_was_looked_at(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not to the name, which may mean another address the next time."""
    settings.WEBHOOK_PRIVATE_ADDRESSES = False
    names(monkeypatch, "8.8.8.8", "2606:4700::1")
    asked = []

    async def refuse(host: str, port: int, **options: Any) -> None:
        asked.append((host, port, options["server_hostname"]))
        raise ConnectionRefusedError("nobody")

    monkeypatch.setattr(asyncio, "open_connection", refuse)
    answer = await post("https://hooks.example.org", HEADERS, b"{}")
    assert answer.error == "nobody"
    assert asked == [("8.8.8.8", 443, "hooks.example.org"), ("2606:4700::1", 443, "hooks.example.org")]


async def test_plain_http_is_not_posted_to_in_production(receiver: Receiver, settings: Settings) -> None:
    settings.WEBHOOK_PRIVATE_ADDRESSES = False
    answer = await post(receiver.url, HEADERS, b"{}")
    assert (answer.error, receiver.received) == ("Expected an https URL", [])


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1, with its key, that nobody has vouched for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "somebody")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    own = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(own + made.public_bytes(serialization.Encoding.PEM))
    return path


async def test_certificates_are_looked_at(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(certificate)
    async with Receiver(tls=theirs) as receiver:
        answer = await post(receiver.url, HEADERS, b"{}")
        assert "certificate verify failed" in answer.error
        assert receiver.received == []

        ours = ssl.create_default_context(cafile=str(certificate))
        monkeypatch.setattr(posting, "_tls", lambda: ours)
        assert (await post(receiver.url, HEADERS, b"{}")).status == 200
        stranger = receiver.url.replace("127.0.0.1", "localhost")
        assert "certificate verify failed" in (await post(stranger, HEADERS, b"{}")).error
