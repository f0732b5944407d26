"""What is wrong with the settings, said by every command before it starts."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils.module_loading import import_string

from stoory.addresses import is_this_machine

MAX_ISSUER_LENGTH = 200  # the column's
MIN_SECRET_LENGTH = 32
LOSSY_LAYER = "channels_redis.core.RedisChannelLayer"
MIN_LETTERS = 10  # different ones, that a random secret has in any case
SAMPLES = ("django-insecure-", "development-secret-")
SANDBOX = "flows.sandbox.Sandbox"


@register(Tags.security)
def check_external_issuer(**kwargs: Any) -> list[CheckMessage]:
    """Check that an external issuer is named, and that its keys come from where nobody can change them on the way."""
    faults: list[CheckMessage] = []
    if bool(settings.JWT_JWKS_URL) != bool(settings.JWT_ISSUER):
        faults.append(Error("JWT_JWKS_URL and JWT_ISSUER have to be set together.", id="stoory.E001"))
    if settings.JWT_JWKS_URL and not _is_safe(settings.JWT_JWKS_URL):
        hint = "With DEBUG=1, plain HTTP on this machine's own address will do too."
        faults.append(Error("JWT_JWKS_URL has to be an https URL.", hint=hint, id="stoory.E002"))
    if len(settings.JWT_ISSUER) > MAX_ISSUER_LENGTH:
        faults.append(Error(f"JWT_ISSUER is longer than {MAX_ISSUER_LENGTH} characters.", id="stoory.E003"))
    return faults


@register
def check_provider(**kwargs: Any) -> list[CheckMessage]:
    """Check that there is somebody whom flows can ask for money, and that nobody can easily speak in their name."""
    faults: list[CheckMessage] = []
    if not settings.DEBUG and not settings.FLOW_PROVIDER:
        hint = "Name the provider of escrow and support; until then what flows ask of it waits."
        faults.append(Warning("FLOW_PROVIDER is not set.", hint=hint, id="stoory.W001"))
    if not settings.DEBUG and settings.FLOW_PROVIDER == SANDBOX:
        faults.append(Warning("FLOW_PROVIDER is the sandbox, which moves no money.", id="stoory.W002"))
    if settings.FLOW_PROVIDER and not _is_importable(settings.FLOW_PROVIDER):
        faults.append(Error(f"FLOW_PROVIDER can't be imported: {settings.FLOW_PROVIDER}.", id="stoory.E004"))
    if any(len(secret) < MIN_SECRET_LENGTH for secret in settings.FLOW_EVENTS_SECRETS):
        message = f"Each of FLOW_EVENTS_SECRETS needs at least {MIN_SECRET_LENGTH} characters."
        faults.append(Error(message, id="stoory.E005"))
    return faults


@register(Tags.security)
def check_secrets(**kwargs: Any) -> list[CheckMessage]:
    """Check that nobody can guess what is to be kept secret, or look it up in our documents."""
    faults: list[CheckMessage] = []
    if 0 < len(settings.METRICS_TOKEN) < MIN_SECRET_LENGTH:
        faults.append(Error(f"METRICS_TOKEN needs at least {MIN_SECRET_LENGTH} characters.", id="stoory.E006"))
    secrets = {
        "SECRET_KEY": [settings.SECRET_KEY],
        "JWT_SIGNING_KEY": [settings.JWT_SIGNING_KEY],
        "FLOW_EVENTS_SECRETS": settings.FLOW_EVENTS_SECRETS,
    }
    known = [] if settings.DEBUG else [name for name, given in secrets.items() if any(map(_is_known, given))]
    hint = "Take a random one: python -c 'import secrets; print(secrets.token_urlsafe(50))'."
    faults += [Error(f"{name} is a sample that everybody knows.", hint=hint, id="stoory.E007") for name in known]
    if settings.PLAYGROUND and not settings.DEBUG:
        hint = "It is for a server that shows the demo and nothing else."
        faults.append(Warning("PLAYGROUND gives tokens of the demo's people to anybody.", hint=hint, id="stoory.W003"))
    return faults


@register
def check_deployment(**kwargs: Any) -> list[CheckMessage]:
    """Check that servers hear of each other, and that each request reaches the one that can answer it."""
    faults: list[CheckMessage] = []
    if settings.WEB_CONCURRENCY > 1 and not settings.REDIS_URL:
        hint = "Set REDIS_URL: without, each process hears of what the others do a few seconds later."
        faults.append(
            Error("WEB_CONCURRENCY asks for processes that have no bus between them.", hint=hint, id="stoory.E011")
        )
    if settings.WEB_CONCURRENCY > 1:
        hint = "Run `manage.py serve` once for each server, each with a PORT and a NODE_NAME, behind a proxy."
        message = "WEB_CONCURRENCY has processes share one port, where polling clients miss theirs."
        faults.append(Error(message, hint=hint, id="stoory.E012"))
    if settings.CHANNEL_LAYERS["default"]["BACKEND"] == LOSSY_LAYER:
        hint = "Use channels_redis.pubsub.RedisPubSubChannelLayer: the other drops bursts, and goes deaf with Redis."
        faults.append(Error(f"{LOSSY_LAYER} can't be the bus.", hint=hint, id="stoory.E013"))
    return faults


@register(Tags.security)
def check_origins(**kwargs: Any) -> list[CheckMessage]:
    """Check that no page of just any origin may speak in its visitors' names."""
    is_open = settings.CORS_ALLOW_ALL_ORIGINS or "*" in settings.CORS_ALLOWED_ORIGINS
    if settings.DEBUG or not is_open:
        return []
    hint = "Name the origins of your frontends in CORS_ALLOWED_ORIGINS; any origin is for DEBUG=1."
    return [Error("Pages of any origin may use the API and the sockets.", hint=hint, id="stoory.E014")]


def _is_known(secret: str) -> bool:
    return secret.startswith(SAMPLES) or len(set(secret)) < MIN_LETTERS


def _is_importable(path: str) -> bool:
    try:
        import_string(path)
    except ImportError:
        return False
    return True


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    return bool(settings.DEBUG) and parts.scheme == "http" and is_this_machine(parts.hostname or "")
