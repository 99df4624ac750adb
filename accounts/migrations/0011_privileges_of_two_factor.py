from django.db import migrations

from config.stamps import new_stamp

NEW = ["two-factor:administer", "customers:administer", "two-factor-sessions:administer"]
# Who holds all of these administers the contact center, and goes on doing so: else he could no longer hand on a role
# that holds the new ones too.
ALL = {
    "contact-centers:administer",
    "applications:administer",
    "options:administer",
    "places:administer",
    "devices:administer",
    "users:administer",
    "roles:administer",
    "access-groups:administer",
    "basic-credentials:administer",
    "api-clients:administer",
    "tokens:administer",
    "sessions:administer",
    "lockouts:administer",
    "changes:administer",
    "security-events:administer",
    "history:administer",
    "strategies:administer",
}


def grant(apps, schema_editor):
    """Give the new privileges to every role that holds all there were, the built-in Administrator among them."""
    for role in apps.get_model("accounts", "Role").objects.select_for_update():
        held = role.privileges if isinstance(role.privileges, list) else []
        if set(held) >= ALL and not set(NEW) <= set(held):
            role.privileges = [*held, *(name for name in NEW if name not in held)]
            role.save(update_fields=["privileges"])
    for model in ("ContactCenter", "Installation"):
        for row in apps.get_model("environment", model).objects.only("pk"):
            row.config_stamp = new_stamp()
            row.save(update_fields=["config_stamp"])


class Migration(migrations.Migration):
    """Changes no table."""

    dependencies = [
        ("accounts", "0010_privileges_of_history"),
        ("environment", "0004_no_newline_ends_a_name"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
