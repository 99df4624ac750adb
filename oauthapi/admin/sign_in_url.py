"""A client's sign-in URL, ready-made and tried; and by which rule a redirect URI or origin would be allowed.

Everything is asked by GET and changes nothing, so that the page can be reloaded and sent to a colleague.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from config.http import principal_of
from config.policy import visible
from environment.models import ContactCenter
from oauthapi.cors import origin_verdict
from oauthapi.flows.rehearsal import RESPONSE_TYPES, Rehearsal, SignInUrl, rehearsed, sign_in_url
from oauthapi.models import ApiClient
from oauthapi.redirects import redirect_uri_verdict
from oauthapi.rules import SCOPES, Verdict

if TYPE_CHECKING:
    from config.admin.governed import GovernedAdmin

_WIDE = {"class": "vTextField", "size": 60, "spellcheck": "false"}


class UrlForm(forms.Form):
    """What the URL is made of; the state is always "test"."""

    redirect_uri = forms.ChoiceField(label="Redirect URI")
    response_type = forms.ChoiceField(label="Response type", choices=[(one, one) for one in RESPONSE_TYPES])
    scope = forms.CharField(required=False, max_length=255, widget=forms.TextInput(attrs=_WIDE))

    def __init__(self, client: ApiClient, data: Any = None) -> None:
        implicit = "implicit" in client.grants and "authorization_code" not in client.grants
        first = {
            "redirect_uri": next(iter(client.redirect_uris), ""),
            "response_type": "token" if implicit else "code",
            "scope": "openid" if {"*", "openid"} & set(client.scopes) else " ".join(client.scopes),
        }
        super().__init__(data, initial=first)
        self.fields["redirect_uri"].choices = [(uri, uri) for uri in client.redirect_uris]  # type: ignore[attr-defined]
        self.fields["scope"].help_text = f"Of {', '.join(SCOPES)}; with blanks between."
        self.made = {name: str(value) for name, value in first.items()}
        if self.is_bound and self.is_valid():
            self.made = self.cleaned_data


class RedirectUriForm(forms.Form):
    """Any redirect URI."""

    uri = forms.CharField(
        label="Redirect URI",
        max_length=2_048,
        strip=False,
        widget=forms.TextInput(attrs=_WIDE),
    )


class OriginForm(forms.Form):
    """Any origin."""

    origin = forms.CharField(label="Origin", max_length=255, widget=forms.TextInput(attrs=_WIDE))


def sign_in_path(screen: GovernedAdmin[ApiClient]) -> URLPattern:
    """The URL of the page."""
    return path(
        "<path:object_id>/sign-in-url/",
        screen.admin_site.admin_view(lambda request, object_id: _view(screen, request, unquote(object_id))),
        name="oauthapi_apiclient_sign_in_url",
    )


def sign_in_button(client: ApiClient) -> tuple[str, str]:
    """The button of the client's own page."""
    return "Sign-in URL", reverse("admin:oauthapi_apiclient_sign_in_url", args=[quote(client.pk)])


def _view(screen: GovernedAdmin[ApiClient], request: HttpRequest, object_id: str) -> TemplateResponse:
    client = screen.get_object(request, object_id)
    if client is None or not screen.has_view_permission(request, client):
        raise PermissionDenied
    asked = request.GET
    form = UrlForm(client, asked if "test" in asked else None)
    made = sign_in_url(client, **form.made) if client.redirect_uris else None
    is_tested = made is not None and form.is_bound and form.is_valid()
    uri_form = RedirectUriForm(asked if "uri" in asked else None)
    origin_form = OriginForm(asked if "origin" in asked else None)
    context = {
        **screen.admin_site.each_context(request),
        "title": f"Sign-in URL of {client}",
        "opts": screen.opts,
        "client": client,
        "object_url": screen.object_url(client.pk),
        "form": form,
        "made": made,
        "tested": _tested(client, made) if is_tested else None,
        "uri_form": uri_form,
        "uri_verdict": _about_uri(client, uri_form),
        "origin_form": origin_form,
        "origin_verdict": _about_origin(request, client, origin_form),
    }
    return TemplateResponse(request, "admin/oauthapi/sign_in_url.html", context)


def _tested(client: ApiClient, made: SignInUrl | None) -> Rehearsal | None:
    return rehearsed(client, made) if made else None


def _about_uri(client: ApiClient, form: RedirectUriForm) -> Verdict | None:
    if not form.is_bound or not form.is_valid():
        return None
    return redirect_uri_verdict(client, form.cleaned_data["uri"])


def _about_origin(request: HttpRequest, client: ApiClient, form: OriginForm) -> Verdict | None:
    """Judged within the contact centers that the reader may see: the origins of others are not told."""
    if not form.is_bound or not form.is_valid():
        return None
    principal = principal_of(request)
    bound = frozenset(one.pk for one in client.contact_centers.all())
    if principal.everywhere:
        meant = bound or None
    else:
        seen = frozenset(visible(principal, ContactCenter.objects.all()).values_list("pk", flat=True))
        meant = bound & seen if bound else seen
    return origin_verdict(form.cleaned_data["origin"].strip(), client, meant)
