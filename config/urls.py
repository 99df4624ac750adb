"""Every path, room by room."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from config import health, schema

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    re_path(r"^schema/?$", schema.SchemaView.as_view(), name="schema"),
    re_path(r"^docs/?$", schema.DocsView.as_view(), name="docs"),
    # Where a person lands who types the bare address: who is signed in, else the sign-in page.
    path("", RedirectView.as_view(pattern_name="signed-in")),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    # Rooms come before the admin: paths of theirs below /admin/ would be swallowed by its catch-all.
    path("", include("environment.urls")),
    path("", include("accounts.urls")),
    path("", include("oauthapi.urls")),
    path("", include("screenrec.urls")),
    path("", include("history.urls")),
    path("", include("twofactor.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "config.http.pages.handler400"
handler403 = "config.http.pages.handler403"
handler404 = "config.http.pages.handler404"
handler500 = "config.http.pages.handler500"
