"""What can be wrong with a two-factor application: shown at its page, on the start page and by ``check_config``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

from django.conf import settings as django_settings

from config.encryption import SealBroken
from config.outgoing import refusal_of_url
from environment.declarations import ListOption, TextOption
from environment.declarations.rules import standing_of
from environment.findings import Finding, Level, Scope, finder
from environment.models import Application
from twofactor.options import external, internal, rules, server, settings
from twofactor.outgoing import ALLOW_HTTP, ALLOWED_HOSTS

_FEWEST_SAFE_DIGITS = 6
_LONGEST_SAFE_MINUTES = 10
_SERVICES = (
    external.CHECK_URL,
    external.CHECK_URL_TEST,
    external.SEND_URL,
    external.SEND_URL_TEST,
    external.VERIFY_URL,
    external.VERIFY_URL_TEST,
)
# Per gateway what a message cannot be made without: one of each tuple.
_NEEDED: dict[str, tuple[tuple[TextOption, ...], ...]] = {
    "smtp": ((server.SMTP_HOST,), (internal.EMAIL_FROM,)),
    "http": ((server.SMS_URL,),),
    "twilio": ((server.TWILIO_SID,), (server.TWILIO_TOKEN,), (server.TWILIO_SERVICE, internal.SMS_FROM)),
}
_RULES = (rules.paths_exist, rules.services_are_whole, rules.fewest_before_most, rules.fixed_codes_can_be_entered)
_UNLISTED = "not-listed"
_Words = tuple[Level, str]


@finder(Application)
def two_factor_applications(scope: Scope) -> Iterator[Finding]:
    """Enabled ones that belong to somebody; each is judged by what counts for it, whichever level says so."""
    rows = Application.objects.filter(type=Application.Type.TWO_FACTOR, enabled=True, contact_center__enabled=True)
    for application in rows if scope is None else rows.filter(contact_center__in=scope):
        for find_words in _FINDERS:
            for level, words in find_words(application):
                yield Finding(level, f"{application}: {words}", application)


def _codes(application: Application) -> Iterator[_Words]:
    """What the settings allow, though it is weaker than it should be."""
    if settings.CODE_GENERATION.of(application) == "internal":
        digits, minutes = internal.DIGITS.of(application), internal.EXPIRY_MINUTES.of(application)
        if digits < _FEWEST_SAFE_DIGITS:
            yield "warning", f"codes of {digits} digits are too easy to guess: use {_FEWEST_SAFE_DIGITS} or more."
        if minutes > _LONGEST_SAFE_MINUTES:
            yield "warning", f"codes are valid for {minutes} minutes; OWASP ASVS 6.5.5 allows {_LONGEST_SAFE_MINUTES}."
    if internal.STRICT.of(application):
        return
    known_weak = "which NIST SP 800-63B-4 and OWASP ASVS level 3 do not take as a second factor"
    yield "warning", f"E-mail is offered, {known_weak}: {internal.STRICT} hides it."
    if settings.CODE_GENERATION.of(application) == "internal" and not internal.INTERNAL_AUTHENTICATOR.of(application):
        without = "callers have no alternative to text messages, which NIST SP 800-63B-4 demands"
        yield "warning", f"{without}: {internal.INTERNAL_AUTHENTICATOR} offers authenticators."


def _rules(application: Application) -> Iterator[_Words]:
    """What a save would refuse today: stored before the rule, or past it."""
    standing = standing_of(application)
    for rule in _RULES:
        try:
            found = list(rule({}, standing))
        except ValueError:
            continue  # a number that is none: the default counts, and the page shows it
        for fault in found:
            yield "fault", f"{fault.field}: {fault.message}"


def _gateways(application: Application) -> Iterator[_Words]:
    """A channel that callers are offered, and nothing to send by."""
    if settings.CODE_GENERATION.of(application) != "internal":
        return
    strict = internal.STRICT.of(application)
    if not strict:
        yield from _cannot_send("e-mail is offered", server.EMAIL_GATEWAYS, application)
    if not strict or internal.INTERNAL_AUTHENTICATOR.of(application):
        yield from _cannot_send("text messages are offered", server.SMS_GATEWAYS, application)


def _cannot_send(offered: str, gateways: ListOption, application: Application) -> Iterator[_Words]:
    """A fault when none of the channel's gateways has what it needs, with the options that are missing."""
    lacking = {name: _lacking(name, application) for name in gateways.of(application)}
    if not lacking:
        yield "fault", f"{offered}, but {gateways} names no gateway."
    elif all(lacking.values()):
        told = "; ".join(f"{name} needs {' and '.join(what)}" for name, what in lacking.items())
        yield "fault", f"{offered}, but no gateway can send: {told}."


def _lacking(gateway: str, application: Application) -> list[str]:
    """What ``delivery`` refuses to send without, as far as it is not set."""
    if gateway == "outbox":
        return [] if django_settings.DESKGATE_MODE == "demo" else ["the demo's mode"]
    return [
        " or ".join(map(str, either))
        for either in _NEEDED[gateway]
        if not any(_is_set(one, application) for one in either)
    ]


def _is_set(option: TextOption, application: Application) -> bool:
    """Whether there is a value. A secret that does not open is there: the check of encryption keys tells of it."""
    try:
        return bool(option.of(application))
    except SealBroken:
        return True


def _addresses(application: Application) -> Iterator[_Words]:
    """Where calls would go that are refused, or go in clear."""
    allowed, allow_http = ALLOWED_HOSTS.of(None), ALLOW_HTTP.of(None)
    named = [(str(one), one.of(application)) for one in _SERVICES]
    sms = server.SMS_GATEWAYS.of(application)
    if "http" in sms:
        named.append((str(server.SMS_URL), server.SMS_URL.of(application)))
    if "twilio" in sms and server.TWILIO_SID.of(application):
        named.append((str(server.TWILIO_URL), server.TWILIO_URL.of(application)))
    for key, url in named:
        if url.startswith("http://"):
            words = "asked without TLS" if allow_http else f"never asked, for it has no TLS ({ALLOW_HTTP})"
            yield "warning" if allow_http else "fault", f"the address of {key} is {words}."
        yield from _not_listed(key, url, allowed)
    host = server.SMTP_HOST.of(application) if "smtp" in server.EMAIL_GATEWAYS.of(application) else ""
    if host:
        literal = f"[{host}]" if ":" in host else host
        yield from _not_listed(str(server.SMTP_HOST), f"https://{literal}:{server.SMTP_PORT.of(application)}", allowed)
        if server.SMTP_SECURITY.of(application) == "none":
            yield "warning", f"codes go to the mail server without TLS ({server.SMTP_SECURITY})."


def _not_listed(key: str, url: str, allowed: Iterable[str]) -> Iterator[_Words]:
    """Its host is told, never the rest of the address, which may hold a key."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return  # no address: whoever typed it was told so
    if (
        url
        and refusal_of_url(f"{parts.scheme}://{parts.netloc}/", allowed=tuple(allowed), allow_http=True) == _UNLISTED
    ):
        yield "fault", f"{key} names {parts.netloc}, which {ALLOWED_HOSTS} does not list: no call goes there."


_FINDERS: tuple[Callable[[Application], Iterator[_Words]], ...] = (_codes, _rules, _gateways, _addresses)
