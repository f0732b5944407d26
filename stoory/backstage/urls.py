"""Routes of the pages about running servers, beside the admin's own."""

from django.urls import path

from stoory.backstage.deliveries import DeliveriesPage
from stoory.backstage.pages import as_page
from stoory.backstage.sockets import SocketsPage

app_name = "backstage"

urlpatterns = [
    path("sockets/", as_page(SocketsPage), name="sockets"),
    path("deliveries/", as_page(DeliveriesPage), name="deliveries"),
]
