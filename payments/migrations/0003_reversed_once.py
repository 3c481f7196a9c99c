import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0002_ledger_grows'),
    ]

    operations = [
        migrations.AlterField(
            model_name='posting',
            name='kind',
            field=models.CharField(max_length=40),
        ),
        migrations.AddField(
            model_name='posting',
            name='reverses',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='payments.posting'),
        ),
        migrations.AddIndex(
            model_name='posting',
            index=models.Index(fields=['reference'], name='posting_about'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.UniqueConstraint(condition=models.Q(('reverses__isnull', False)), fields=('reverses',), name='posting_reversed_once'),
        ),
    ]
