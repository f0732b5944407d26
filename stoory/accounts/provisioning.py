"""People who come with the word of an external identity provider, and get a user here when they are first seen."""

import logging
from typing import Any
from unicodedata import category
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError

from stoory.accounts.models import Role, User
from stoory.errors import InvalidToken

logger = logging.getLogger(__name__)

MAX_SUBJECT_LENGTH = 64
MAX_NAME_LENGTH = 150
MAX_IMAGE_URL_LENGTH = 500
UNSTORABLE = ("Cc", "Cs")  # control characters and lone surrogates

Claims = dict[str, Any]


def provision(*, issuer: str, claims: Claims) -> User:
    """Return the user whom `issuer` calls by the subject of verified `claims`, made at first sight. One query then on.

    Raises `InvalidToken` if no id can be made of the subject, or if it is that of a user whom another issuer vouches
    for: one provider must not speak for the people of another, nor for ours.
    """
    subject = claims["sub"]
    if not 0 < len(subject) <= MAX_SUBJECT_LENGTH or not subject.isprintable():
        raise InvalidToken
    try:
        user, is_new = User.objects.get_or_create(pk=subject, defaults=_first_values(issuer, claims))
    except IntegrityError as error:  # no such user, and yet the name is taken
        logger.warning("The username %s of %s belongs to another user", subject, issuer)
        raise InvalidToken from error
    if user.issuer != issuer:
        logger.warning("%s speaks for %s, who is not theirs", issuer, subject)
        raise InvalidToken
    if is_new:
        logger.info("New user %s of %s", subject, issuer)
    return user


def _first_values(issuer: str, claims: Claims) -> dict[str, Any]:
    return {
        "username": claims["sub"],
        "issuer": issuer,
        "name": _name(claims.get("name")),
        "image_url": _image_url(claims.get("picture")),
        "role": _role(claims),
        "password": make_password(None),  # nobody logs in with it
    }


def _name(claim: object) -> str:
    text = claim if isinstance(claim, str) else ""
    return "".join(char for char in text if category(char) not in UNSTORABLE).strip()[:MAX_NAME_LENGTH]


def _image_url(claim: object) -> str:
    """Return a URL that may stand in a page, or nothing."""
    if not isinstance(claim, str) or len(claim) > MAX_IMAGE_URL_LENGTH or not claim.isprintable():
        return ""
    try:
        parts = urlsplit(claim)
    except ValueError:
        return ""
    return claim if parts.scheme in ("https", "http") and parts.netloc else ""


def _role(claims: Claims) -> Role:
    """Return the role that the provider may give; never one with rights over others."""
    return Role.BRAND_OWNER if claims.get(settings.JWT_ROLE_CLAIM) == Role.BRAND_OWNER.value else Role.INFLUENCER
