from django.db import migrations, models

from config.indexes import AddIndexWithoutLock


class Migration(migrations.Migration):
    """Lock: none that readers or writers of these tables meet (PostgreSQL). Duration: two scans of a table for each index;
    it may be broken off and run again.
    """

    atomic = False

    dependencies = [
        ('accounts', '0003_name_the_counted'),
    ]

    operations = [
        AddIndexWithoutLock(
            model_name='failurecounter',
            index=models.Index(fields=['name'], name='failure_counter_by_name'),
        ),
        AddIndexWithoutLock(
            model_name='failurecounter',
            index=models.Index(fields=['address'], name='failure_counter_by_address'),
        ),
        AddIndexWithoutLock(
            model_name='session',
            index=models.Index(fields=['address', '-last_seen_at'], name='session_by_address'),
        ),
    ]
