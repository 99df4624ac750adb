from django.db import migrations, models


class Migration(migrations.Migration):
    """Whom and where a counter speaks of.

    Lock: exclusive on the counters, for an instant; the default is the database's own, so that no row is rewritten, and
    the release before, which does not know the columns, goes on counting.
    """

    dependencies = [
        ('accounts', '0001_initial'),
        ('environment', '0002_installation_row'),
    ]

    operations = [
        migrations.AddField(
            model_name='failurecounter',
            name='address',
            field=models.CharField(blank=True, db_default='', editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='failurecounter',
            name='name',
            field=models.CharField(blank=True, db_default='', editable=False, max_length=255),
        ),
        migrations.AddField(
            model_name='failurecounter',
            name='real_name',
            field=models.CharField(blank=True, db_default='', editable=False, max_length=255),
        ),
    ]
