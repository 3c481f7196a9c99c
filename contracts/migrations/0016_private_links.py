from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0015_talks'),
    ]

    operations = [
        migrations.AddField(
            model_name='offer',
            name='link_hash',
            field=models.CharField(blank=True, default='', max_length=64),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='offer',
            name='audience',
            field=models.CharField(choices=[('public', 'Public'), ('named', 'Named'), ('link', 'Link')], max_length=16),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.UniqueConstraint(condition=models.Q(('link_hash', ''), _negated=True), fields=('link_hash',), name='offer_link_once'),
        ),
    ]
