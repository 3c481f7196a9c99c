from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('participants', '0004_webhooks'),
    ]

    operations = [
        migrations.AddField(
            model_name='participant',
            name='asks_second_member',
            field=models.BooleanField(default=False),
        ),
    ]
