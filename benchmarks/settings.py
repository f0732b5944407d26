"""The settings that our server is measured with: a server for others, in production."""

import secrets

SIGNING_KEY = secrets.token_urlsafe(48)
SETTINGS = {
    "DEBUG": "0",
    "LOG_LEVEL": "WARNING",
    "DJANGO_SETTINGS_MODULE": "stoory.settings",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "JWT_SIGNING_KEY": SIGNING_KEY,
    "RATE_LIMITS": "0",  # one address, and users who are faster than people
    "PRESENCE_GRACE_SECONDS": "0.2",  # so that going offline is part of what a disconnection costs
}
