import datetime

import django.db.models.deletion
import exchange.kernel.ids
from django.db import migrations, models


def count_from_the_end(apps, schema_editor):
    """Until now the day was reckoned at each read: rights that have ended get theirs."""
    rights = apps.get_model("contracts", "Entitlement").objects.filter(
        state__in=["expired", "revoked"], activated_at__isnull=False
    )
    events = apps.get_model("kernel", "Event").objects
    for right in rights.iterator():
        days = next((one.get("days") for one in right.terms if one.get("kind") == "deletion"), None)
        ended_at = right.ends_at
        if right.state == "revoked":
            revoked = events.filter(subject=f"entitlement:{right.pk}", name="entitlement.revoked").first()
            ended_at = revoked.at if revoked else None
        if days is not None and ended_at is not None:
            rights.filter(pk=right.pk).update(delete_by=ended_at + datetime.timedelta(days=days))


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0008_documents'),
        ('datasets', '0002_redirects'),
        ('kernel', '0003_lean_events'),
        ('participants', '0004_webhooks'),
    ]

    operations = [
        migrations.AddField(
            model_name='entitlement',
            name='delete_by',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='entitlement',
            index=models.Index(condition=models.Q(('delete_by__isnull', False)), fields=['delete_by'], name='entitlement_to_delete'),
        ),
        migrations.CreateModel(
            name='DeletionStatement',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('remark', models.TextField(blank=True)),
                ('stated_by', models.CharField(max_length=80)),
                ('stated_at', models.DateTimeField()),
                ('document', models.BinaryField()),
                ('digest', models.CharField(max_length=64)),
                ('seal', models.CharField(max_length=200)),
                ('buyer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
                ('dataset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='datasets.dataset')),
                ('entitlement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deletion_statements', to='contracts.entitlement')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='datasets.revision')),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('entitlement', 'revision'), name='deletion_stated_once')],
            },
        ),
        migrations.RunPython(count_from_the_end, migrations.RunPython.noop),
    ]
