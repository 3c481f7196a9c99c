from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0013_licence_texts'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='offer',
            name='offer_state_known',
        ),
        migrations.AddField(
            model_name='offer',
            name='valid_from',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='offer',
            name='valid_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='offer',
            name='published_by',
            field=models.CharField(blank=True, default='', max_length=80),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='offer',
            name='published_class',
            field=models.CharField(blank=True, default='', max_length=16),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='offer',
            name='state',
            field=models.CharField(choices=[('draft', 'Draft'), ('scheduled', 'Scheduled'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', max_length=16),
        ),
        migrations.AlterField(
            model_name='offer',
            name='sale',
            field=models.CharField(choices=[('validation', 'Validation'), ('instant', 'Instant'), ('signed', 'Signed')], max_length=16),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('draft', 'scheduled', 'published', 'withdrawn'))), name='offer_state_known'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(fields=['state', 'valid_until'], name='offer_to_lapse'),
        ),
    ]
