"""What the admin's other pages show of running servers: links that only we can offer, and the front page."""

from uuid import UUID

from django.contrib import admin
from django.urls import reverse

from messaging.admin import lines


def _deliveries(key: UUID) -> tuple[str, str]:
    return "Did it arrive?", f"{reverse('backstage:deliveries')}?q={key}"


lines.links.append(_deliveries)
admin.site.index_template = "backstage/index.html"
admin.site.index_title = "Dashboard"
