"""An identity provider on this machine: it signs tokens, and a real server tells its public keys."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from pytest_django import Settings

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Json = dict[str, Any]

NAME = "https://issuer.example.org"
SUBJECT = "user_2abc"


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """The key of that name, made once for all tests: making one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def algorithm_of(key: PrivateKey) -> str:
    return "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"


def public_jwk(key: PrivateKey, kid: str) -> Json:
    if isinstance(key, rsa.RSAPrivateKey):
        members = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        members = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**members, "kid": kid, "use": "sig", "alg": algorithm_of(key)}


class Issuer:
    """`keys` are those that it tells by their ids; `answer` may be replaced by something that goes wrong."""

    def __init__(self) -> None:
        self.keys: dict[str, PrivateKey] = {"rsa-1": rsa_key("first"), "ec-1": ec_key("first")}
        self.paths: list[str] = []
        self.answer: Callable[[BaseHTTPRequestHandler], object] = self.tell_keys
        self.url = ""

    @property
    def fetches(self) -> int:
        """How often its keys were asked for."""
        return len(self.paths)

    def tell_keys(self, request: BaseHTTPRequestHandler) -> None:
        reply(request, {"keys": [public_jwk(key, kid) for kid, key in self.keys.items()]})

    def claims(self, **changes: Any) -> Json:
        """What a good token says, with changes; None leaves a claim out."""
        now = int(time.time())
        claims = {"iss": NAME, "sub": SUBJECT, "aud": "stoory", "iat": now, "exp": now + 60, **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def token(
        self, *, kid: str | None = "rsa-1", key: PrivateKey | None = None, headers: Json | None = None, **changes: Any
    ) -> str:
        """A good token, with changes: signed with the key of `kid` unless with another."""
        signer = key or self.keys[kid or "rsa-1"]
        named = {} if kid is None else {"kid": kid}
        return jwt.encode(self.claims(**changes), signer, algorithm_of(signer), headers={**named, **(headers or {})})


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """An issuer that answers at its `url` until the end of the block."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.paths.append(self.path)
            issuer.answer(self)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Say nothing of clients that hang up."""

    with Server(("127.0.0.1", 0), Handler) as server:
        issuer.url = f"http://127.0.0.1:{server.server_port}/keys"
        thread = Thread(target=server.serve_forever, args=[0.005])
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()


def trust(issuer: Issuer, settings: Settings) -> None:
    """Have its tokens accepted."""
    settings.JWT_JWKS_URL = issuer.url
    settings.JWT_ISSUER = NAME
    settings.JWT_AUDIENCE = ["stoory"]


def reply(request: BaseHTTPRequestHandler, body: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request.send_response(status)
    for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(content)


def hang_up(request: BaseHTTPRequestHandler) -> None:
    """An answer that is none."""


def raw_token(header: Any, claims: Any, sign: Callable[[bytes], bytes] = lambda text: b"") -> str:
    """A token that says just that, whether a library would make it or not."""
    text = b".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    return (text + b"." + encoded(sign(text))).decode()


def signed_by_first(text: bytes) -> bytes:
    """The signature of the key `rsa-1`."""
    return RSAAlgorithm(RSAAlgorithm.SHA256).sign(text, rsa_key("first"))


def encoded(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")
