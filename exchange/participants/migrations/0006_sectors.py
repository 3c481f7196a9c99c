from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('participants', '0005_second_member'),
    ]

    operations = [
        migrations.AddField(
            model_name='participant',
            name='sector',
            field=models.CharField(blank=True, default='', max_length=1),
        ),
        migrations.AddField(
            model_name='participant',
            name='verified_sector',
            field=models.CharField(blank=True, default='', max_length=1),
        ),
    ]
