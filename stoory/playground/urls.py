"""Routes of the pages."""

from django.urls import path, re_path

from stoory.playground import views

urlpatterns = [
    path("", views.Landing.as_view(), name="landing"),
    re_path(r"^playground/?$", views.Playground.as_view(), name="playground"),
    re_path(r"^playground/people/?$", views.People.as_view(), name="playground-people"),
]
