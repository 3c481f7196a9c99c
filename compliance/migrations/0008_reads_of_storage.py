from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0007_records_follow_the_log'),
    ]

    operations = [
        migrations.AlterField(
            model_name='mismatch',
            name='kind',
            field=models.CharField(choices=[('unlogged', 'Unlogged'), ('unseen', 'Unseen'), ('fewer_bytes', 'Fewer Bytes'), ('more_bytes', 'More Bytes'), ('unknown_token', 'Unknown Token'), ('storage_read', 'Storage Read')], max_length=16),
        ),
    ]
