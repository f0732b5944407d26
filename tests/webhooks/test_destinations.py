"""Where hooks may go: https, anybody's addresses, nothing of this machine or its networks."""

import pytest
from pytest_django import Settings

from stoory.errors import InvalidPayload
from stoory.webhooks.destinations import Destination, destination, is_public


@pytest.fixture(autouse=True)
def production(settings: Settings) -> None:
    settings.WEBHOOK_PRIVATE_ADDRESSES = False


def test_it_is_what_the_url_names() -> None:
    assert destination("https://hooks.example.org:8443/a/b?c=d") == Destination(
        host="hooks.example.org", port=8443, is_tls=True, authority="hooks.example.org:8443", target="/a/b?c=d"
    )
    assert destination("https://[2606:4700::1]").host == "2606:4700::1"
    assert (destination("https://hooks.example.org").port, destination("https://x.example").target) == (443, "/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.org",
        "http://hooks.example.org",
        "ftp://hooks.example.org",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://name@hooks.example.org",
        "https://:word@hooks.example.org",
        "https://hooks.example.org/#part",
        "https://hooks.example.org/a b",
        "https://hooks.example.org/\r\nX-Header: 1",
        "https://hooks.example.org:0",
        "https://hooks.example.org:99999",
        "https://[::1",
        "https://bücher.example",
        "https://hooks.example.org/" + "a" * 500,
    ],
)
def test_it_refuses(url: str) -> None:
    with pytest.raises(InvalidPayload) as refused:
        destination(url)
    assert refused.value.details["path"] == "url"


def test_plain_http_is_for_developers(settings: Settings) -> None:
    settings.WEBHOOK_PRIVATE_ADDRESSES = True
    assert destination("http://127.0.0.1:9000").port == 9000


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1", "64:ff9b::808:808"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "ff0e::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2002:a00:1::",
    ],
)
def test_other_addresses(address: str) -> None:
    assert not is_public(address)
