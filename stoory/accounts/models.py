"""Who may talk: users, whose ids are text so that an external identity's subject can be one."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.core.validators import URLValidator
from django.db import models

from stoory.ids import new_user_id

SYSTEM_USER_ID = "00000000-0000-0000-0000-000000000000"


def display_name(name: str, username: str) -> str:
    """Return the name that others see."""
    return name or username


class Role(models.TextChoices):
    """What a user is on the marketplace; a conversation's participants carry roles of their own."""

    BRAND_OWNER = "brand_owner"
    INFLUENCER = "influencer"
    STAFF = "staff"
    SYSTEM = "system"


class User(AbstractUser):
    """A person, or the system user that speaks for the automation and can't log in."""

    id = models.CharField(primary_key=True, max_length=64, default=new_user_id, editable=False)
    name = models.CharField(max_length=150, blank=True)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.INFLUENCER)
    image_url = models.CharField(max_length=500, blank=True, validators=[URLValidator(["https", "http"])])
    issuer = models.CharField(
        max_length=200,
        blank=True,
        editable=False,
        help_text="The identity provider that vouches for them; empty: we do.",
    )
    locale = models.CharField(max_length=16, default="en", help_text="The language of what automation says to them.")
    last_seen = models.DateTimeField(null=True, blank=True, editable=False)
    # The database's defaults serve the servers of the last release, which insert without them during a deploy.
    token_version = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="Own tokens of another version are void."
    )
    tokens_revoked_at = models.DateTimeField(
        null=True, editable=False, help_text="Another issuer's tokens of before are void."
    )
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]

    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        ordering: ClassVar = ["username"]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The name that others see."""
        return display_name(self.name, self.username)

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


class Server(models.Model):
    """A running server's lease: its sockets count as connected while the heartbeat is fresh."""

    id = models.UUIDField(primary_key=True)
    heartbeat_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.pk)


class Connection(models.Model):
    """That a user has at least one socket on a server."""

    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="connections")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="connections")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["server", "user"], name="one_connection_per_server_and_user")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.server_id}"
