"""Settings: one file, every value from the environment with a safe default (see `.env.example`).

Nothing set at all means the embedded mode: SQLite, an in-memory bus, one process, for one developer on one machine.
`DATABASE_URL` and `REDIS_URL` switch to PostgreSQL and to Redis or Valkey; nothing else changes. `SECRET_KEY` makes it
a server for others: DEBUG goes off, and with `ALLOWED_HOSTS` it is public and speaks HTTPS alone.
"""

import contextlib
import os
import re
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from stoory.addresses import networks
from stoory.limits import Rate, rate

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
if (BASE_DIR / ".env").exists():
    environ.Env.read_env(BASE_DIR / ".env")

DATABASE_URL: str = env.str("DATABASE_URL", default="")
REDIS_URL: str = env.str("REDIS_URL", default="")
REDIS_PREFIX: str = env.str("REDIS_PREFIX", default="stoory")  # channels do not belong to one of Redis' databases
DEBUG: bool = env.bool("DEBUG", default=not env.str("SECRET_KEY", default=""))


# Secrets


def development_key() -> str:
    """Return a random key that is kept between runs, so that a developer's tokens survive a restart."""
    path = VAR_DIR / "secret_key"
    if not path.exists():
        VAR_DIR.mkdir(exist_ok=True)
        draft = VAR_DIR / f"secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64))
        with contextlib.suppress(FileExistsError):  # of two servers that start at once one makes the key
            os.link(draft, path)
        draft.unlink()
    return path.read_text()


SECRET_KEY: str = env.str("SECRET_KEY", default="") or (development_key() if DEBUG else "")
if len(SECRET_KEY) < 50 and not DEBUG:
    raise ImproperlyConfigured("Set SECRET_KEY to at least 50 random characters, or DEBUG=1 on a developer's machine.")

JWT_SIGNING_KEY: str = env.str("JWT_SIGNING_KEY", default="") or f"jwt:{SECRET_KEY}"
if len(JWT_SIGNING_KEY.encode()) < 32:
    raise ImproperlyConfigured("JWT_SIGNING_KEY needs at least 32 bytes (RFC 7518, 3.2).")


# Who may call

ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
IS_PUBLIC = bool(ALLOWED_HOSTS) and not DEBUG
ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Browsers on these origins may use the REST API and the sockets; "*" is for developers only.
CORS_ALLOWED_ORIGINS: list[str] = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_ALLOW_ALL_ORIGINS = DEBUG and not CORS_ALLOWED_ORIGINS
CORS_URLS_REGEX = r"^/(api/|test-message)"
CORS_EXPOSE_HEADERS = ["Retry-After", "X-Request-ID"]
# Whose X-Forwarded-For says where a client is; the word of anybody else does not count.
TRUSTED_PROXIES = networks(env.list("TRUSTED_PROXIES", default=["127.0.0.1", "::1"]))

if IS_PUBLIC:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT: bool = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# /metrics is for who shows it; without one, for this machine itself.
METRICS_TOKEN: str = env.str("METRICS_TOKEN", default="")


# What pages may load and run: their own files, nothing that stands in the page itself

SECURE_CSP: dict[str, list[str]] = {
    "default-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
SECURE_CSP_REPORT_ONLY: dict[str, list[str]] = {}
# Pages that others wrote have styles in them, and the admin's Alpine compiles what their attributes say. No page has
# scripts in it.
SECURE_CSP_BY_PATH: dict[str, dict[str, list[str]]] = {
    "/admin/": {"script-src": ["'self'", "'unsafe-eval'"], "style-src": ["'self'", "'unsafe-inline'"]},
    "/api": {"style-src": ["'self'", "'unsafe-inline'"]},
}


# Applications

INSTALLED_APPS = [
    "unfold",  # before the admin, whose look it changes
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "stoory",  # before what its templates replace a part of
    "rest_framework",
    "drf_spectacular_sidecar",
    "rest_framework_simplejwt.token_blacklist",
    "stoory.desk",
    "stoory.accounts",
    "conversations",
    "messaging",
    "flows",
    "stoory.realtime",
    "stoory.playground",
    "stoory.webhooks",
    "stoory.backstage",
]
MIDDLEWARE = [
    "stoory.realtime.health.HealthMiddleware",  # first: probes come in plain HTTP and name no allowed host
    "stoory.tracking.TrackingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "stoory.csp.ContentSecurityPolicyMiddleware",
    "stoory.static.StaticFilesMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "stoory.throttling.TooManyMiddleware",
]
ROOT_URLCONF = "stoory.urls"
ASGI_APPLICATION = "stoory.asgi.application"
APPEND_SLASH = False  # every route takes both spellings; a redirect would turn a POST into a GET
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
# The client that the playground loads, where npm has installed it.
SOCKET_IO_CLIENT = BASE_DIR / "clients" / "node_modules" / "socket.io-client" / "dist"
STATICFILES_DIRS = [("socket.io-client", SOCKET_IO_CLIENT)] if SOCKET_IO_CLIENT.is_dir() else []
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


# The admin

# Blue instead of the theme's own; white on 600 and 700 on white are as legible as WCAG AA asks.
_PRIMARY = {
    "50": "#eff6ff",
    "100": "#dbeafe",
    "200": "#bfdbfe",
    "300": "#93c5fd",
    "400": "#60a5fa",
    "500": "#3b82f6",
    "600": "#2563eb",
    "700": "#1d4ed8",
    "800": "#1e40af",
    "900": "#1e3a8a",
    "950": "#172554",
}
UNFOLD = {
    "SITE_TITLE": "stoory",
    "SITE_HEADER": "stoory",
    "SITE_SUBHEADER": "for staff",
    "SITE_SYMBOL": "forum",
    "STYLES": ["stoory.desk.theme.style"],
    "COLORS": {"primary": _PRIMARY},
    "DASHBOARD_CALLBACK": "stoory.backstage.dashboard.dashboard",
    "SIDEBAR": {"navigation": "stoory.backstage.navigation.navigation"},
}


# Database

DATABASES: dict[str, dict[str, Any]] = {
    "default": environ.Env.db_url_config(DATABASE_URL or f"sqlite:///{VAR_DIR / 'stoory.sqlite3'}")
}
DATABASE_POOL_SIZE: int = env.int("DATABASE_POOL_SIZE", default=8)
_database = DATABASES["default"]
_database["CONN_MAX_AGE"] = 0  # a thread that keeps a connection would leak it under ASGI (Django ticket 33497)
if _database["ENGINE"].endswith("sqlite3"):
    VAR_DIR.mkdir(exist_ok=True)
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # deferred ones fail with "database is locked" when two upgrade to writing
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    # A query that is asked again and again is planned once by each connection.
    _database.setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=5)
if DATABASE_POOL_SIZE and not _database["ENGINE"].endswith("sqlite3"):
    from psycopg_pool import ConnectionPool

    # Beside what the URL asks for, as `?sslmode=verify-full` does.
    _database.setdefault("OPTIONS", {})["pool"] = {
        "min_size": 1,
        "max_size": DATABASE_POOL_SIZE,
        "timeout": 10,
        # Without a database the pool would try again after 1, 2, 4, 8, 16 … seconds: as long as it had been away.
        "reconnect_timeout": 1,
        "reconnect_failed": ConnectionPool.check,  # which lets it grow: the next try
    }


# Accounts and tokens

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["stoory.accounts.passwords.PasswordBackend"]
LOGIN_URL = "rest_framework:login"
LOGIN_REDIRECT_URL = "/api/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
] + [{"NAME": "stoory.accounts.passwords.LogOutElsewhere"}]
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SIGNING_KEY,
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=env.int("JWT_ACCESS_MINUTES", default=60)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.int("JWT_REFRESH_DAYS", default=14)),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "UPDATE_LAST_LOGIN": True,
    "TOKEN_OBTAIN_SERIALIZER": "stoory.auth.ObtainSerializer",
    "TOKEN_REFRESH_SERIALIZER": "stoory.auth.RefreshSerializer",
    "TOKEN_VERIFY_SERIALIZER": "stoory.auth.VerifySerializer",
}
JWT_EXPIRY_POLICY_OWN: str = env.str("JWT_EXPIRY_POLICY_OWN", default="strict", choices=("strict", "session"))
# An external issuer of tokens: both, or there is none.
JWT_JWKS_URL: str = env.str("JWT_JWKS_URL", default="")
JWT_ISSUER: str = env.str("JWT_ISSUER", default="")
JWT_AUDIENCE: list[str] = env.list("JWT_AUDIENCE", default=[])
JWT_ROLE_CLAIM: str = env.str("JWT_ROLE_CLAIM", default="")
JWT_EXPIRY_POLICY_EXTERNAL: str = env.str(
    "JWT_EXPIRY_POLICY_EXTERNAL", default="session", choices=("strict", "session")
)
JWT_SESSION_MAX_HOURS: int = env.int("JWT_SESSION_MAX_HOURS", default=12)
TOKEN_MEMORY_SECONDS: float = env.float("TOKEN_MEMORY_SECONDS", default=3)  # that REST takes a token's user for there


# Limits


def rates(**texts: str) -> dict[str, Rate | None]:
    """Return what is limited, and to which rate."""
    read: dict[str, Rate | None] = {}
    for name, text in texts.items():
        try:
            read[name] = rate(text)
        except ValueError as error:
            raise ImproperlyConfigured(f"LIMIT_{name.upper()}: {error}") from error
    return read


# Off: as often, and on as many connections, as one likes. Developers' scripts are faster than people.
RATE_LIMITS: bool = env.bool("RATE_LIMITS", default=not DEBUG)
LIMITS = rates(
    send=env.str("LIMIT_SEND", default="10/s burst 20"),
    join=env.str("LIMIT_JOIN", default="20/s burst 40"),
    read=env.str("LIMIT_READ", default="10/s burst 20"),
    typing=env.str("LIMIT_TYPING", default="2/s burst 10"),
    reaction=env.str("LIMIT_REACTION", default="10/s burst 20"),
    action=env.str("LIMIT_ACTION", default="2/s burst 10"),
    history=env.str("LIMIT_HISTORY", default="10/s burst 40"),
    connect=env.str("LIMIT_CONNECT", default="2/s burst 10"),
    login=env.str("LIMIT_LOGIN", default="5/min"),
    other=env.str("LIMIT_OTHER", default="20/s burst 100"),
)
LIMIT_ADDRESS_FACTOR: int = env.int("LIMIT_ADDRESS_FACTOR", default=5)  # people that one address may stand for
CONNECTIONS_PER_USER: int = env.int("CONNECTIONS_PER_USER", default=10)
CONNECTIONS_PER_ADDRESS: int = env.int("CONNECTIONS_PER_ADDRESS", default=50)
STRANGERS_PER_ADDRESS: int = env.int("STRANGERS_PER_ADDRESS", default=20)  # connections that have not authenticated
ROOMS_PER_SOCKET: int = env.int("ROOMS_PER_SOCKET", default=200)  # beyond those that a family joins by connecting
LANE_SIZE: int = env.int("LANE_SIZE", default=5_000)  # sends that may wait to be committed


# REST

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "stoory.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["stoory.throttling.Throttle"],
    "DEFAULT_RENDERER_CLASSES": [
        "stoory.http.JsonRenderer",
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["stoory.http.JsonParser"],
    "DEFAULT_SCHEMA_CLASS": "stoory.openapi.document.OperationSchema",
    "EXCEPTION_HANDLER": "stoory.http.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "stoory",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer", "description": "The `access` of `POST /api/token`."}
        }
    },
    "POSTPROCESSING_HOOKS": [],
}
ENABLE_TEST_MESSAGE: bool = env.bool("ENABLE_TEST_MESSAGE", default=DEBUG)
PLAYGROUND: bool = env.bool("PLAYGROUND", default=DEBUG)  # anybody may be one of the demo's people there


# Flows

WORKER: bool = env.bool("WORKER", default=True)  # servers fire timers, carry out effects and deliver webhooks
FLOW_PROVIDER: str = env.str("FLOW_PROVIDER", default="flows.sandbox.Sandbox" if DEBUG else "")
# With what the provider may sign its events: the newest, and those that it is leaving.
FLOW_EVENTS_SECRETS: list[str] = env.list(
    "FLOW_EVENTS_SECRETS", default=["development-secret-for-flow-events"] if DEBUG else []
)
SANDBOX_ANSWERS: bool = env.bool("SANDBOX_ANSWERS", default=False)


# Webhooks

# They may go to addresses of this machine and its networks, and by plain HTTP.
WEBHOOK_PRIVATE_ADDRESSES: bool = env.bool("WEBHOOK_PRIVATE_ADDRESSES", default=DEBUG)
WEBHOOKS_PER_USER: int = env.int("WEBHOOKS_PER_USER", default=10)


# Realtime

A_CENTURY = 100 * 365 * 86_400  # seconds; the layer's own day would leave a server deaf for a moment, daily
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            # Without a timeout a hung server would hold a publisher for ever; under 15 s redis-py 8 breaks idle reads.
            # By the third version of the protocol redis-py writes out all that it hears, for a log that nobody reads.
            "hosts": [{"address": REDIS_URL, "socket_timeout": 15, "socket_connect_timeout": 2, "protocol": 2}],
            "prefix": REDIS_PREFIX,
        },
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"group_expiry": A_CENTURY}}
}
# Seals what servers tell each other over Redis; all of them need the same.
BUS_KEY: str = env.str("BUS_KEY", default="") or f"bus:{SECRET_KEY}"
if len(BUS_KEY.encode()) < 32:
    raise ImproperlyConfigured("BUS_KEY needs at least 32 bytes.")
WEB_CONCURRENCY: int = env.int("WEB_CONCURRENCY", default=1)  # what process managers start; a server is one process
HOST: str = env.str("HOST", default="127.0.0.1")
PORT: int = env.int("PORT", default=8000)
MAX_PAYLOAD: int = env.int("MAX_PAYLOAD", default=1_000_000)  # bytes of one frame or one polling request
MAX_EVENT_BYTES: int = env.int("MAX_EVENT_BYTES", default=65_536)  # of one event inside it
SOCKET_BUFFER_BYTES: int = env.int("SOCKET_BUFFER_BYTES", default=1_000_000)  # that may wait for one slow client
STOORY_FRAMES: str = env.str("STOORY_FRAMES", default="prepared", choices=("prepared", "plain"))
AUTH_DEADLINE_SECONDS: float = env.float("AUTH_DEADLINE_SECONDS", default=10)
REALTIME_THREADS: int = env.int("REALTIME_THREADS", default=8)  # database work that sockets may have under way
# A server that is told to end: how long proxies have to notice, and then its sockets to leave, a few at a time.
DRAIN_NOTICE_SECONDS: float = env.float("DRAIN_NOTICE_SECONDS", default=0 if DEBUG else 2)
DRAIN_SECONDS: float = env.float("DRAIN_SECONDS", default=8)
NODE_NAME: str = env.str("NODE_NAME", default="")  # the first part of its sessions' ids, by which a proxy finds it
if not re.fullmatch(r"[A-Za-z0-9_-]{0,32}", NODE_NAME):
    raise ImproperlyConfigured("NODE_NAME takes up to 32 letters, digits, - and _.")
PRESENCE_GRACE_SECONDS: float = env.float("PRESENCE_GRACE_SECONDS", default=5)  # of a lost connection, still online
TRACE_MESSAGES: int = env.int("TRACE_MESSAGES", default=1_000)  # whose way each server remembers for staff
REPAIR_SECONDS: float = env.float("REPAIR_SECONDS", default=5)  # how often a server looks for what the bus lost
RING_EVENTS: int = env.int("RING_EVENTS", default=20_000)  # newest events that a server keeps for who comes back


# Logging

LOG_LEVEL: str = env.str("LOG_LEVEL", default="INFO")
LOG_FORMAT: str = env.str("LOG_FORMAT", default="text", choices=("text", "json"))
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "stoory.logs.formatter", "form": LOG_FORMAT}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": []},  # its own would write every line a second time
        "socketio": {"level": "WARNING"},
        "engineio": {"level": "WARNING"},
        "uvicorn.access": {"level": "WARNING"},
    },
}
