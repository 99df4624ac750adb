"""Every path, room by room."""

from django.contrib import admin
from django.urls import include, path

from config import health, schema

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("schema/", schema.SchemaView.as_view(), name="schema"),
    path("docs/", schema.DocsView.as_view(), name="docs"),
    # Rooms come before the admin: paths of theirs below /admin/ would be swallowed by its catch-all.
    path("", include("environment.urls")),
    path("", include("oauthapi.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "config.http.pages.handler400"
handler403 = "config.http.pages.handler403"
handler404 = "config.http.pages.handler404"
handler500 = "config.http.pages.handler500"
