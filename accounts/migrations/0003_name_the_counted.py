from contextlib import nullcontext

from django.db import migrations, transaction

CHUNK = 500


def name_the_counted(apps, schema_editor):
    """Rows from before: what follows the last " from " is the address."""
    connection = schema_editor.connection
    counters = apps.get_model("accounts", "FailureCounter").objects.using(connection.alias)
    last = 0
    while rows := list(counters.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        # SQLite has one writer and a slow commit; on PostgreSQL a try that locks several rows must find none of ours.
        with transaction.atomic(using=connection.alias) if connection.vendor == "sqlite" else nullcontext():
            for row in rows:
                before, _, after = row.subject.rpartition(" from ")
                if row.kind == "account":
                    before, after = row.subject, ""
                name = "" if row.kind == "address" else before[:255]
                counters.filter(pk=row.pk).update(name=name, address=after[:64])
        last = rows[-1].pk


class Migration(migrations.Migration):
    """Lock: of one row at a time (on SQLite the writer's, for 500 rows). Duration: one small UPDATE for each counter;
    it may be broken off and run again.
    """

    atomic = False

    dependencies = [
        ('accounts', '0002_searchable'),
    ]

    operations = [
        migrations.RunPython(name_the_counted, migrations.RunPython.noop, elidable=True),
    ]
