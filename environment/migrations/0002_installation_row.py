"""The one row that stands for the installation is there from the first migration on."""

from django.db import migrations


def make_row(apps, schema_editor):
    installation = apps.get_model("environment", "Installation")
    installation.objects.using(schema_editor.connection.alias).get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("environment", "0001_initial")]

    operations = [migrations.RunPython(make_row, migrations.RunPython.noop)]
