"""Every write of this room: each asks the policy, and leaves a change row and new stamps."""

from environment.services.applications import application_create, application_delete, application_update
from environment.services.contact_centers import (
    contact_center_create,
    contact_center_delete,
    contact_center_update,
    next_dbid,
)
from environment.services.environments import environment_create, environment_delete, environment_update
from environment.services.installation import installation_note_demo
from environment.services.objects import object_delete, object_save
from environment.services.options import (
    option_delete,
    option_delete_tagged,
    option_set,
    option_set_tagged,
    options_set_many,
    options_tag,
)
from environment.services.origins import origin_add, origin_remove, origins_stored
from environment.services.stamps import installation_new_epoch, restamp, restamp_all, restamping_once
from environment.snapshots import option_plain

__all__ = [
    "application_create",
    "application_delete",
    "application_update",
    "contact_center_create",
    "contact_center_delete",
    "contact_center_update",
    "environment_create",
    "environment_delete",
    "environment_update",
    "installation_new_epoch",
    "installation_note_demo",
    "next_dbid",
    "object_delete",
    "object_save",
    "option_delete",
    "option_delete_tagged",
    "option_plain",
    "option_set",
    "option_set_tagged",
    "options_set_many",
    "options_tag",
    "origin_add",
    "origin_remove",
    "origins_stored",
    "restamp",
    "restamp_all",
    "restamping_once",
]
