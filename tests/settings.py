"""The settings of the tests: the product's own, with a key, a fast password hash, no pool and no worker.

A pool would keep connections to the test database, which could then not be dropped.
"""

import os

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("SECRET_KEY", "a key for tests only, long enough to be taken for a real one")
os.environ.setdefault("DATABASE_POOL_SIZE", "0")
# Tests that run beside these ones must not hear them; the process that started this one has a prefix, too.
os.environ["REDIS_PREFIX"] = f"tests-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
os.environ.setdefault("RATE_LIMITS", "0")  # many of the tests are faster than people; those of limits set their own

from stoory.settings import *
from stoory.settings import DATABASES, VAR_DIR

WHITENOISE_AUTOREFRESH = True  # it looks for a file when it is asked for, not for all of them before each test
WORKER = False  # no timer fires behind a test's back
TOKEN_MEMORY_SECONDS = 0.0  # tests change users behind the product's back

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in production: threads of an in-memory database would share one connection's locks. One a run.
    # It need not outlive a power cut.
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / f"test-{os.getpid()}.sqlite3")}
