from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_name_the_counted'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='failurecounter',
            index=models.Index(fields=['name'], name='failure_counter_by_name'),
        ),
        migrations.AddIndex(
            model_name='failurecounter',
            index=models.Index(fields=['address'], name='failure_counter_by_address'),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(fields=['address', '-last_seen_at'], name='session_by_address'),
        ),
    ]
