"""Who the agent is: proven by this server's own directory, or by the Recording Web Services that it asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from django.conf import settings

from accounts.errors import ProofRefused
from accounts.models import User
from accounts.selectors import Login, user_by_login, users_named
from accounts.services import verified
from accounts.services.proofs import password_prove_basic
from config.http.cors import canonical_origin
from config.http.errors import MissingParameter, Unauthenticated
from environment.selectors import tenant_name
from screenrec import options
from screenrec.errors import ServerRefused
from screenrec.models import RecorderSession
from screenrec.records import LoginConfig
from screenrec.services.sessions import Agent

VIA = "screen recording"


@dataclass(frozen=True, slots=True)
class Pair:
    """Name and password as they came by Basic."""

    name: str
    password: str

    @property
    def login(self) -> Login:
        """With the tenant that this service gives to bare names."""
        return Login.parse(self.name, options.TENANT.of())


@dataclass(frozen=True, slots=True)
class Servers:
    """Where to ask: ``first``, then ``peer`` ("" for none). Both empty: this server itself."""

    first: str = ""
    peer: str = ""

    @property
    def are_elsewhere(self) -> bool:
        return bool(self.first)


def servers_for(config: LoginConfig) -> Servers:
    """Who proves this login: this server when it is asked for or nothing is named, else those that are named.

    Raises MissingParameter when a service without a directory of its own knows no server, ServerRefused when this one
    asks nobody.
    """
    role = options.ROLE.of()
    first, peer = config.server, config.peer_server
    if not first and role == "srs":
        first, peer = _canonical(options.SERVER.of()), peer or _canonical(options.PEER_SERVER.of())
        if not first:
            raise MissingParameter("The parameter 'server' is missing.", field="server")
    if not first or (role != "srs" and first == canonical_origin(settings.DESKGATE_PUBLIC_URL)):
        return Servers()
    if role == "rws":
        raise ServerRefused("This server asks no other.", field="server")
    return Servers(first, peer if peer != first else "")


def user_prove(pair: Pair) -> Agent:
    """The agent of this pair in this server's directory. Raises Unauthenticated, Busy; every refusal is recorded."""
    try:
        proof = password_prove_basic(login=_with_tenant(pair.login), password=pair.password, via=VIA)
    except ProofRefused as refused:
        refuse(refused.reason)
    user = proof.user
    if user.contact_center_id is None:
        refuse("an administrator of the installation is no agent")
    return Agent(
        key=agent_key_of(user),
        name=str(user),
        user=user,
        contact_center_id=user.contact_center_id,
        user_epoch=proof.user_epoch,
        installation_epoch=proof.installation_epoch,
    )


def agent_key_of(user: User) -> str:
    """One for each user, whatever he is called."""
    return f"user:{user.pk}"


def elsewhere_key_of(pair: Pair) -> str:
    """The key of an agent whom another server's directory knows by this name."""
    return f"login:{str(pair.login).casefold()}"[:600]


def names_agent_of(pair: Pair, session: RecorderSession) -> bool:
    """Whether the pair's name is that of the session's agent; its password is not looked at."""
    if session.user is None or session.contact_center_id is None:
        return elsewhere_key_of(pair) == session.agent_key
    login = pair.login
    if User.key_of(session.contact_center_id, login.user_name) == session.user.login_key and (
        not login.tenant or login.tenant == tenant_name(session.contact_center_id)
    ):
        return True  # as he is called here, without a look at anybody else
    named = user_named(pair)
    return named is not None and named.pk == session.user_id


def user_named(pair: Pair) -> User | None:
    """The user of this server whom the pair's name means; its password is not looked at."""
    return user_by_login(_with_tenant(pair.login))


def pair_remember(pair: Pair, session: RecorderSession) -> None:
    """Keep for a minute, in this process, that another server proved this pair for this very login."""
    verified.remember(_print_of(pair), session.pk, session.login_stamp)


def pair_is_remembered(pair: Pair, session: RecorderSession) -> bool:
    """Whether it did."""
    known = verified.recall(_print_of(pair))
    return bool(known and known.subject == session.pk and known.stamp == session.login_stamp)


def refuse(reason: str) -> NoReturn:
    """401 with one wording for all causes."""
    raise Unauthenticated(
        "User name or password is wrong, or the account cannot be used now.",
        challenge="basic",
        presented=True,
        reason=reason,
    )


def _print_of(pair: Pair) -> bytes:
    return verified.fingerprint("recorder", str(pair.login).casefold(), pair.password)


def _with_tenant(login: Login) -> Login:
    """A bare name that one user of the installation has is his, with his tenant."""
    if login.tenant or not login.user_name:
        return login
    found = [user for user in users_named(login.user_name) if user.contact_center_id]
    return Login(found[0].tenant, login.user_name) if len(found) == 1 else login


def _canonical(address: str) -> str:
    return canonical_origin(address) or "" if address else ""
