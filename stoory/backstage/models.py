"""No rows of its own: what staff may do to people's connections, as a permission that can be given."""

from typing import ClassVar

from django.db import models


class Intervention(models.Model):
    """Carries the permission to close sockets; it has no table."""

    class Meta:
        managed = False
        default_permissions: ClassVar = ()
        permissions: ClassVar = [("disconnect_user", "Can close people's sockets and void their tokens")]

    def __str__(self) -> str:
        return "Intervention"
