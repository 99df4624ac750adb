r"""A name's last character is judged like the others: ``$`` would let a newline pass, ``\Z`` does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from accounts.models import BasicCredential, Role, User
from accounts.services.credentials import credential_create
from environment.errors import OptionRefused
from environment.models import ContactCenter, Domain, Option
from environment.services import contact_center_update, object_save
from environment.services.options import option_set
from oauthapi.models import ApiClient
from oauthapi.services.clients import client_create
from tests.cast import CALLBACK
from tests.oauthapi.ops import ops_asker

OURS = {"activity", "environment", "accounts", "oauthapi", "screenrec", "history", "twofactor"}


def test_no_pattern_of_a_model_ends_before_a_newline() -> None:
    patterns = {
        f"{model._meta.label}.{field.name}": str(getattr(validator.regex, "pattern", validator.regex))
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for field in model._meta.get_fields()
        for validator in getattr(field, "validators", [])
        if type(validator) is RegexValidator
    }
    assert len(patterns) >= 7
    assert not {name: pattern for name, pattern in patterns.items() if pattern.endswith("$")}


def test_a_domain(t100: ContactCenter) -> None:
    with pytest.raises(ValidationError, match="Use no backslash"):
        contact_center_update(t100, domains=["t100", "x\n"])
    assert list(Domain.objects.values_list("name", flat=True)) == ["t100", "one.example.com"]


@pytest.mark.parametrize(("section", "name"), [("x\n", "x"), ("x", "x\n")])
def test_an_options_words(t100: ContactCenter, section: str, name: str) -> None:
    with pytest.raises(OptionRefused):
        option_set(holder=t100, section=section, name=name, value="1")
    assert not Option.objects.exists()


def test_a_user(make_user: Callable[..., User], t100: ContactCenter) -> None:
    with pytest.raises(ValidationError, match="Use no backslash"):
        make_user("bob\n", t100)
    assert not User.objects.exists()


def test_a_role(t100: ContactCenter) -> None:
    with pytest.raises(ValidationError, match="Use letters"):
        object_save(Role(contact_center=t100, name="ROLE_X\n"))
    assert not Role.objects.filter(contact_center=t100).exists()


@pytest.mark.django_db
def test_a_credential() -> None:
    with pytest.raises(ValidationError, match="Use no colon"):
        credential_create(BasicCredential(name="script\n"), password="", encoded_password="!")
    assert not BasicCredential.objects.exists()


def test_a_client(signing_keys: list[Any]) -> None:
    answer = ops_asker().post({"client_id": "desk\n", "redirectURIs": [CALLBACK]})
    assert (answer.status_code, answer.json()["status"]["detail"]["field"]) == (400, "client_id")
    with pytest.raises(ValidationError, match="visible ASCII"):
        client_create(client_id="desk\n", name="Desk", redirect_uris=[CALLBACK])
    assert not ApiClient.objects.exists()
