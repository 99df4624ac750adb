"""This room's refusals. Public words never tell an unknown name from a wrong password; ``reason`` does, inside."""

from __future__ import annotations

from config.http.errors import Conflict, Forbidden, Refusal


class ProofRefused(Refusal):
    """Name and password do not open anything: wrong, unknown, locked, disabled: one wording for all."""

    status = 400
    code = 2
    error = "invalid_grant"
    message = "User name or password is wrong, or the account cannot be used now."


class ContactCenterDisabled(ProofRefused):
    """The pair is right, its contact center is switched off: told apart only at the token endpoint."""

    status = 403
    code = 5
    error = "access_denied"


class PasswordRefused(Forbidden):
    """A new password breaks a rule; ``fields`` names ``newPassword`` with each rule broken."""

    code = 10
    error = "password_refused"
    message = "Unable to update password"


class PasswordUpdateRefused(Forbidden):
    """The old password is wrong, or this user's password is not the caller's to change."""

    code = 3
    error = "access_denied"
    message = "Unable to update password"


class LastAdministrator(Forbidden):
    """Nobody disables, demotes or deletes himself or the last administrator."""

    code = 3
    error = "access_denied"
    message = "This would leave nobody to administer it."


class CredentialExists(Conflict):
    """409: a Basic credential of this name is there, anywhere in the installation and in any case."""

    word = "credential_exists"
    message = "A credential of this name exists already. Its password is changed by PUT …/{id}/password."
