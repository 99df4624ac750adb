"""Reads over users, roles and what they may do."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import BasicCredential, Role, TemporaryToken, User
from accounts.privileges import PRIVILEGES
from config.policy import grantable, may
from config.principal import Principal
from environment.models import ContactCenter
from environment.selectors import contact_center_of_domain, only_contact_center, stamps_of

_CACHED_USERS = 10_000


@dataclass(frozen=True, slots=True)
class Login:
    """A user name as it was typed: ``tenant`` is empty for a bare name."""

    tenant: str
    user_name: str

    @classmethod
    def parse(cls, text: str, tenant: str = "") -> Login:
        r"""``tenant\user`` (the first backslash splits, an empty tenant counts as none), or a separate tenant field."""
        typed = text.strip()
        before, backslash, after = typed.partition("\\")
        if backslash:
            return cls((before or tenant).strip(), after)
        return cls(tenant.strip(), typed)

    def __str__(self) -> str:
        return f"{self.tenant}\\{self.user_name}" if self.tenant else self.user_name


@dataclass(frozen=True, slots=True)
class Authority:
    """One role as user info tells it: its name and its privileges, sorted."""

    name: str
    privileges: tuple[str, ...]


def user_by_login(
    login: Login, *, contact_center_ids: frozenset[UUID] = frozenset(), administration: bool = False
) -> User | None:
    """The user of a typed name, with his contact center, or None.

    A bare name means: the contact center that the client is bound to, or the installation's only one, or an
    administrator of the installation (who comes first when the administration asks).
    """
    users = User.objects.select_related("contact_center")
    if "\x00" in login.user_name or len(login.user_name) > 255:
        return None
    if login.tenant:
        contact_center = contact_center_of_domain(login.tenant)
        if contact_center is None:
            return None
        return users.filter(login_key=User.key_of(contact_center.pk, login.user_name)).first()
    home = _home_of_bare_names(contact_center_ids)
    keys = [User.key_of(None, login.user_name)]
    if home is not None:
        keys.append(User.key_of(home, login.user_name))
    found = {user.login_key: user for user in users.filter(login_key__in=keys)}
    for key in keys if administration else reversed(keys):
        if key in found:
            return found[key]
    return None


def users_named(text: str) -> list[User]:
    """Everybody who may be meant by a whole name, with or without tenant; each is found by the unique key."""
    login = Login.parse(text)
    if login.tenant:
        found = contact_center_of_domain(login.tenant)
        keys = [User.key_of(found.pk, login.user_name)] if found else []
    else:
        homes = ContactCenter.objects.order_by().values_list("pk", flat=True)
        keys = [User.key_of(home, login.user_name) for home in (None, *homes)]
    return list(User.objects.filter(login_key__in=keys))


def home_of_login(login: Login, *, contact_center_ids: frozenset[UUID] = frozenset()) -> UUID | None:
    """The contact center that a typed name speaks of, whether or not it names a user there: its lockout rules hold."""
    if not login.tenant:
        return _home_of_bare_names(contact_center_ids)
    contact_center = contact_center_of_domain(login.tenant)
    return contact_center.pk if contact_center else None


def _home_of_bare_names(contact_center_ids: frozenset[UUID]) -> UUID | None:
    if len(contact_center_ids) == 1:
        return next(iter(contact_center_ids))
    only = only_contact_center() if not contact_center_ids else None
    return only.pk if only else None


class _AuthorityCache:
    """Authorities by user, each kept with the stamps it was read under; equality decides, never a clock."""

    def __init__(self) -> None:
        self._rows: OrderedDict[int, tuple[tuple[int | None, ...], tuple[Authority, ...]]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, user_id: int, stamps: tuple[int | None, ...]) -> tuple[Authority, ...] | None:
        row = self._rows.get(user_id)
        return row[1] if row and row[0] == stamps else None

    def put(self, user_id: int, stamps: tuple[int | None, ...], authorities: tuple[Authority, ...]) -> None:
        with self._lock:
            self._rows[user_id] = (stamps, authorities)
            while len(self._rows) > _CACHED_USERS:
                self._rows.popitem(last=False)


_authorities = _AuthorityCache()


def authorities_of(user_id: int, user_stamp: int, contact_center_id: UUID | None) -> tuple[Authority, ...]:
    """The user's roles, direct and by access groups, sorted by name. ``user_stamp`` is the row's as read just now."""
    center = stamps_of(contact_center_id)
    stamps = (user_stamp, center.installation_stamp, center.contact_center_stamp)
    known = _authorities.get(user_id, stamps)
    if known is None:
        # A UNION, each half by its index: one WHERE with OR would read every role of the installation.
        direct = Role.objects.filter(users=user_id).order_by()
        by_group = Role.objects.filter(access_groups__users=user_id).order_by()
        known = tuple(
            Authority(role.name, tuple(sorted(role.privileges))) for role in direct.union(by_group).order_by("name")
        )
        _authorities.put(user_id, stamps, known)
    return known


def privileges_of(user: User) -> frozenset[str]:
    """What the user's roles give him here; an administrator of the installation holds everything."""
    return rights_of(user.pk, user.stamp, user.contact_center_id)


def rights_of(user_id: int, user_stamp: int, contact_center_id: UUID | None) -> frozenset[str]:
    """The same for a user known by the columns of a statement; see ``authorities_of`` for ``user_stamp``."""
    if contact_center_id is None:
        return PRIVILEGES
    named = {p for authority in authorities_of(user_id, user_stamp, contact_center_id) for p in authority.privileges}
    return frozenset(named) & PRIVILEGES


def principal_of_user(
    user: User,
    *,
    proof: Literal["session", "bearer", "basic"],
    scopes: frozenset[str] = frozenset(),
    client_id: str | None = None,
    proved_at: datetime | None = None,
) -> Principal:
    """The principal that this user is, once proven."""
    return Principal(
        kind="user",
        name=str(user),
        user_id=user.pk,
        client_id=client_id,
        everywhere=user.contact_center_id is None,
        contact_center_ids=frozenset({user.contact_center_id} if user.contact_center_id else ()),
        privileges=privileges_of(user),
        scopes=scopes,
        proof=proof,
        proved_at=proved_at,
    )


def installation_epoch() -> int:
    """The installation's epoch, read once per request: an older one than today's only ends earlier what copies it."""
    return stamps_of(None).installation_epoch


def administrators_left(user: User) -> int:
    """How many other enabled users could still administer what this user administers."""
    others = User.objects.filter(contact_center=user.contact_center_id, enabled=True).exclude(pk=user.pk)
    if user.contact_center_id is None:
        return others.count()
    usable = Role.objects.filter(Q(contact_center=user.contact_center_id) | Q(contact_center=None))
    able = [pk for pk, held in usable.values_list("pk", "privileges") if "users:administer" in held]
    direct = others.filter(roles__in=able)
    return (direct | others.filter(access_groups__roles__in=able)).distinct().count()


def role_called(name: str, contact_center: ContactCenter) -> Role | None:
    """The contact center's own role of exactly this name, else the shared one."""
    own = Role.objects.filter(name=name, contact_center=contact_center).first()
    return own or Role.objects.filter(name=name, contact_center=None).first()


def roles_offered(contact_center: ContactCenter, principal: Principal) -> list[str]:
    """Names of the roles that may be chosen: the contact center's and the shared ones that the asker may hand on."""
    rows = Role.objects.filter(Q(contact_center=contact_center) | Q(contact_center=None)).order_by("name")
    # Of two with one name the contact center's own counts.
    known = {role.name: role for role in sorted(rows, key=lambda role: role.contact_center_id is not None)}
    return sorted(name for name, role in known.items() if grantable(principal, role.held_privileges()))


def contact_centers_administered(principal: Principal) -> tuple[ContactCenter, ...]:
    """The enabled contact centers where the principal may make Basic credentials, by number."""
    rows = ContactCenter.objects.filter(enabled=True)
    if not principal.everywhere:
        rows = rows.filter(pk__in=principal.contact_center_ids)
    return tuple(one for one in rows if may(principal, "administer", BasicCredential(contact_center=one)))


def temporary_tokens_of(user: User) -> QuerySet[TemporaryToken]:
    """The user's tokens that are good by themselves: not revoked, not expired, taken under today's epochs."""
    rows = TemporaryToken.objects.filter(user=user, revoked_at__isnull=True, expires_at__gt=timezone.now())
    alive = rows.filter(user_epoch=user.epoch, installation_epoch=installation_epoch())
    return alive.select_related("user__contact_center", "contact_center")
