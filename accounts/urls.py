"""Paths of this room: the credential endpoints come with their own issue."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
