from django.db import migrations

# As they were when they were made: a later release that adds privileges adds a migration.
ROLES = (
    (
        "Administrator",
        "Administers the contact center",
        [
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
        ],
    ),
    (
        "Supervisor",
        "Sees who is there and what they work with",
        ["users:read", "places:read", "devices:read", "sessions:read", "applications:read"],
    ),
    ("Agent", "Takes calls", []),
)


def make(apps, schema_editor):
    """The shared roles that scripts name (`userRole`); one of this name that is there already stays as it is."""
    role = apps.get_model("accounts", "Role")
    there = set(role.objects.filter(contact_center=None).values_list("name", flat=True))
    for name, description, privileges in ROLES:
        if name not in there:
            role.objects.create(name=name, contact_center=None, description=description, privileges=privileges)


class Migration(migrations.Migration):
    """Changes no table."""

    dependencies = [
        ('accounts', '0006_temporary_tokens'),
    ]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
