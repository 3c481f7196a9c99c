from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('participants', '0006_sectors'),
    ]

    operations = [
        migrations.AddField(
            model_name='participant',
            name='street',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='participant',
            name='postcode',
            field=models.CharField(blank=True, default='', max_length=16),
        ),
        migrations.AddField(
            model_name='participant',
            name='city',
            field=models.CharField(blank=True, default='', max_length=100),
        ),
        migrations.AddField(
            model_name='participant',
            name='vat_id',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='participant',
            name='is_small_business',
            field=models.BooleanField(default=False),
        ),
    ]
