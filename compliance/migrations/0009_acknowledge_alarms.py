from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0008_reads_of_storage'),
    ]

    operations = [
        migrations.AddField(
            model_name='alarm',
            name='acknowledged_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='alarm',
            name='reason',
            field=models.TextField(blank=True, default=''),
            preserve_default=False,
        ),
    ]
