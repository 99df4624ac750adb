"""The admin site: its sign-in, its password change, and its menu in the order of Genesys Administrator."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any, Protocol, cast

from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse

from config.http import principal_of
from config.http.errors import Refusal
from config.policy import Governed

MENU = ("environment", "accounts", "oauthapi", "twofactor", "screenrec", "history", "activity")
"""App labels in the order of the menu; others follow by name."""
MUST_CHANGE = "must_change_password"
"""Session key: signed in with the right password, which must be changed before anything else."""


class SignIn(Protocol):
    """The shape of the module that ``settings.DESKGATE_ADMIN_SIGN_IN`` names.

    ``SignInForm.sign_in(request)`` begins the session of the user it proved, ``remember(request, response)`` makes
    the device known for him. ``OwnPasswordForm``, which is given ``request``, has ``change(request)``: it stores the
    new password and keeps the session, raising a Refusal when a rule is broken.
    """

    SignInForm: Any
    OwnPasswordForm: Any


def sign_in_module() -> SignIn:
    """What knows how users prove themselves here."""
    return cast(SignIn, import_module(settings.DESKGATE_ADMIN_SIGN_IN))


class AdminSignInView(LoginView):
    """Django's sign-in view; the session is begun by the form, with the epochs that it proved."""

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        form.sign_in(self.request)  # type: ignore[attr-defined]
        must_change = self.request.session.get(MUST_CHANGE)
        response = HttpResponseRedirect(reverse("admin:password_change") if must_change else self.get_success_url())
        form.remember(self.request, response)  # type: ignore[attr-defined]
        return response


class AdminPasswordView(PasswordChangeView):
    """Changes one's own password; the session that did it lives on, every other one ends."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        try:
            form.change(self.request)  # type: ignore[attr-defined]
        except Refusal as refusal:
            for message in [fault.message for fault in refusal.fields] or [refusal.message]:
                form.add_error("new_password1", message)
            return self.form_invalid(form)
        self.request.session.pop(MUST_CHANGE, None)
        return HttpResponseRedirect(self.get_success_url())


class DeskgateSite(AdminSite):
    """Only models that the policy can judge (``governed``) have screens here."""

    site_title = "Deskgate"
    site_header = "Deskgate"
    index_title = "Provisioning"
    site_url = None
    empty_value_display = "\N{EN DASH}"

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        """As Django's, but a model of a package that declares no ``governed`` gets no screen at all."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        judged = [model for model in models if isinstance(getattr(model, "governed", None), Governed)]
        super().register(judged, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the one who asks may see anything; who must change his password may only do that."""
        # Asked here, so that the context of every admin request knows its principal.
        allowed = principal_of(request).is_authenticated and super().has_permission(request)
        return allowed and not (request.session.get(MUST_CHANGE) and request.path not in self._open_paths())

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:  # type: ignore[override]
        """The sign-in page; whoever is in already goes on, whoever must change his password goes there."""
        if request.method == "GET":
            if request.user.is_authenticated and request.session.get(MUST_CHANGE):
                return HttpResponseRedirect(reverse("admin:password_change"))
            if self.has_permission(request):
                return HttpResponseRedirect(reverse("admin:index"))
        context = {
            **self.each_context(request),
            "title": "Sign in",
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            "next": request.GET.get("next") or reverse("admin:index"),
            **(extra_context or {}),
        }
        request.current_app = self.name
        view = AdminSignInView.as_view(
            extra_context=context, authentication_form=sign_in_module().SignInForm, template_name="admin/login.html"
        )
        return view(request)

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Change one's own password."""
        request.current_app = self.name
        view = AdminPasswordView.as_view(
            form_class=sign_in_module().OwnPasswordForm,
            success_url=reverse("admin:password_change_done"),
            template_name="registration/password_change_form.html",
            extra_context={
                **self.each_context(request),
                "must_change": request.session.get(MUST_CHANGE),
                **(extra_context or {}),
            },
        )
        return view(request)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The menu; within a room by ``menu_order`` of its screens."""
        if request.session.get(MUST_CHANGE):
            return []
        found = self._build_app_dict(request, app_label)
        apps: list[Any] = [found] if app_label and "models" in found else list(found.values())
        for app in apps:
            for entry in app["models"]:
                entry["name"] = getattr(self._registry[entry["model"]], "menu_name", "") or entry["name"]
            app["models"].sort(key=lambda entry: (self._order_of(entry["model"]), entry["name"]))
        return sorted(apps, key=lambda app: (_place(app["app_label"]), app["name"].lower()))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The start page."""
        return super().index(request, {"title": "Provisioning", **(extra_context or {})})

    def get_log_entries(self, request: HttpRequest) -> Any:
        """None: what happened is in Activity, with who, when and why."""
        return ()

    def _order_of(self, model: type[Model]) -> int:
        return getattr(self._registry[model], "menu_order", 100)

    @staticmethod
    def _open_paths() -> tuple[str, ...]:
        return (reverse("admin:password_change"), reverse("admin:logout"), reverse("admin:jsi18n"))


def _place(app_label: str) -> int:
    return MENU.index(app_label) if app_label in MENU else len(MENU)
