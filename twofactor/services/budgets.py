"""How many codes may be sent, and how many tried: counted in rows, reserved before anything is done.

Windows are fixed: at worst twice a limit passes within one length of a window. A fifth of what an account and a
destination may have is kept for calls from the account's own verified phone: who knows the account number alone cannot
use it up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil

from django.db.models import F
from django.utils import timezone

from config.context import current
from config.encryption import keyed_hash
from config.rates import rate_take
from environment.models import Application
from twofactor.delivery.numbers import region_of
from twofactor.masking import account_key, fingerprint, number_key
from twofactor.models import Budget, FlowSession, Method
from twofactor.options import limits

_TEN_MINUTES, _HOUR, _DAY = 600, 3_600, 86_400
_SPARE = timedelta(hours=1)
"""Rows outlive their window: the clocks of two machines differ a little."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """At most ``limit`` of ``subject`` in each window of ``seconds``. With ``pause`` there is one at a time, and the
    next one ``seconds`` later.
    """

    kind: str
    subject: str
    seconds: int
    limit: int
    pause: bool = False


def send_refused(
    session: FlowSession, destination: str, *, from_own_phone: bool, pause: bool = True
) -> tuple[str, int]:
    """Count one send, in the caller's transaction: ("", 0), or (what is used up, the seconds until it is not).

    The caller rolls back after a refusal, so that nothing was counted.
    """
    buckets = _of_send(session, destination, from_own_phone=from_own_phone)
    return _taken([one for one in buckets if pause or not one.pause])


def check_refused(session: FlowSession) -> tuple[str, int]:
    """Count one try of a code, in the caller's transaction; as ``send_refused``."""
    application = session.application
    number = [
        Bucket(
            "number-checks", f"{application.pk} {number_key(session.cli)}", _HOUR, limits.NUMBER_CHECKS.of(application)
        )
    ]
    return _taken(number if session.cli else [])


def checks_too_fast(session: FlowSession) -> int:
    """The seconds until this caller's system may try codes again; 0: now. Guards against load, not against guessing."""
    application = session.application
    address, opener = limits.ADDRESS_CHECKS.of(application), limits.CREDENTIAL_CHECKS.of(application)
    waits = (
        rate_take("two-factor-address", f"{application.pk} {current().address}", limit=address, seconds=_HOUR)
        if address
        else 0,
        rate_take("two-factor-opener", session.opener, limit=opener, seconds=_HOUR) if opener else 0,
    )
    return max(waits)


def _of_send(session: FlowSession, destination: str, *, from_own_phone: bool) -> Iterator[Bucket]:
    """In one fixed order, so that two senders never wait for each other in a circle; the busiest rows last."""
    app = session.application
    here = str(app.pk)
    cli = number_key(session.cli)
    if destination:
        yield from _of_destination(app, destination, from_own_phone)
    account = f"{here} {account_key(session.account)}"
    if not from_own_phone:
        yield Bucket("pair", f"{account} from {cli}", _HOUR, limits.PAIR_HOUR.of(app))
    for seconds, limit in ((_HOUR, limits.ACCOUNT_HOUR.of(app)), (_DAY, limits.ACCOUNT_DAY.of(app))):
        yield Bucket("account", account, seconds, limit if from_own_phone else _for_strangers(limit))
    if cli:
        yield Bucket("number", f"{here} {cli}", _HOUR, limits.NUMBER_SENDS.of(app))
    if current().address:
        yield Bucket("address", f"{here} {current().address}", _HOUR, limits.ADDRESS_SENDS.of(app))
    yield Bucket("opener", f"{here} {session.opener}", _HOUR, limits.CREDENTIAL_SENDS.of(app))
    yield from _of_country(session, destination, app, here)
    yield Bucket("application", here, _HOUR, limits.APPLICATION_HOUR.of(app))
    yield Bucket("application", here, _DAY, limits.APPLICATION_DAY.of(app))


def _of_destination(app: Application, destination: str, from_own_phone: bool) -> Iterator[Bucket]:
    """Over all applications of a contact center. Its owner is not held up by what strangers had sent there."""
    target = f"{app.contact_center_id} {fingerprint(destination)}"
    pause = f"{target} {'own' if from_own_phone else ''}"
    yield Bucket("destination-pause", pause, limits.DESTINATION_PAUSE.of(app), 1, pause=True)
    spans = (
        (_TEN_MINUTES, limits.DESTINATION_10_MINUTES),
        (_HOUR, limits.DESTINATION_HOUR),
        (_DAY, limits.DESTINATION_DAY),
    )
    for seconds, option in spans:
        limit = option.of(app)
        yield Bucket("destination", target, seconds, limit if from_own_phone else _for_strangers(limit))


def _for_strangers(limit: int) -> int:
    """A fifth is kept for calls from the account's own phone; 0 is no limit."""
    return max(limit - ceil(limit / 5), 1) if limit else 0


def _of_country(session: FlowSession, destination: str, app: Application, here: str) -> Iterator[Bucket]:
    if session.method == Method.SMS and destination:
        region = f"{here} {region_of(destination)}"
        yield Bucket("country", region, _HOUR, limits.COUNTRY_HOUR.of(app))
        yield Bucket("country", region, _DAY, limits.COUNTRY_DAY.of(app))


def _taken(buckets: Sequence[Bucket]) -> tuple[str, int]:
    now = timezone.now()
    for bucket in buckets:
        if bucket.limit and bucket.seconds:
            wait = _paused(bucket, now) if bucket.pause else _counted(bucket, now)
            if wait:
                return bucket.kind, wait
    return "", 0


def _counted(bucket: Bucket, now: datetime) -> int:
    window = int(now.timestamp()) // bucket.seconds * bucket.seconds
    ends = datetime.fromtimestamp(window + bucket.seconds, UTC)
    key = {"subject": _hashed(bucket), "kind": bucket.kind, "seconds": bucket.seconds, "window": window}
    free = Budget.objects.filter(**key, count__lt=bucket.limit)
    if free.update(count=F("count") + 1):
        return 0
    Budget.objects.bulk_create([Budget(**key, count=0, ends_at=ends + _SPARE)], ignore_conflicts=True)
    return 0 if free.update(count=F("count") + 1) else _seconds(ends - now)


def _paused(bucket: Bucket, now: datetime) -> int:
    key = {"subject": _hashed(bucket), "kind": bucket.kind, "seconds": 0, "window": 0}
    until = now + timedelta(seconds=bucket.seconds)
    free = Budget.objects.filter(**key, ends_at__lte=now)
    if free.update(ends_at=until):
        return 0
    made = Budget(**key, count=1, ends_at=now)
    Budget.objects.bulk_create([made], ignore_conflicts=True)
    if free.update(ends_at=until):
        return 0
    ends = Budget.objects.filter(**key).values_list("ends_at", flat=True).first()
    return _seconds((ends or until) - now)


def _hashed(bucket: Bucket) -> str:
    return keyed_hash(f"{bucket.kind} {bucket.subject}".encode(errors="backslashreplace"), purpose="two-factor-budget")


def _seconds(span: timedelta) -> int:
    return max(1, ceil(span.total_seconds()))
