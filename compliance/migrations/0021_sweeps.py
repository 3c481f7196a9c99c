import exchange.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0020_breaches'),
    ]

    operations = [
        migrations.CreateModel(
            name='Sweep',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=32)),
                ('cutoff', models.DateTimeField()),
                ('dropped', models.BigIntegerField()),
                ('held', models.BigIntegerField(default=0)),
                ('swept_at', models.DateTimeField()),
                ('profile_version', models.CharField(max_length=200)),
                ('profile_sha256', models.CharField(max_length=64)),
            ],
        ),
    ]
