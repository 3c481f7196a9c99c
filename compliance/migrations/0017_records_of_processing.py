from hashlib import sha256
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

import exchange.kernel.ids
from django.conf import settings
from django.db import migrations, models
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth

_ABOUT = (
    *("month", "dataset_id", "seller_id", "country_from", "country_to"),
    *("mechanism", "personal_data", "purpose"),
)


def sum_up_flows(apps, schema_editor):
    """Bring where data went of what was recorded before; the follower reads the log anew for what was declared."""
    flow = apps.get_model("compliance", "Flow")
    records = apps.get_model("compliance", "TransferRecord").objects
    left = records.filter(Q(sent_bytes__gt=0) | Q(size_bytes=0, result="completed") | Q(result="running"))
    month = TruncMonth("started_at", tzinfo=ZoneInfo(settings.EXCHANGE_TIME_ZONE))
    summed = left.exclude(buyer_id=None).annotate(month=month).order_by(*_ABOUT).values(*_ABOUT).annotate(
        transfers=Count("pk"), sent=Sum("sent_bytes")
    ).iterator(chunk_size=1000)
    while some := list(islice(summed, 1000)):
        for row in some:
            row["month"] = row["month"].date()
        flow.objects.bulk_create(
            flow(
                id=UUID(bytes=sha256(":".join(str(row[name]) for name in _ABOUT).encode()).digest()[:16]),
                **{name: row[name] for name in _ABOUT},
                transfers=row["transfers"], sent_bytes=row["sent"],
            )
            for row in some
        )
    apps.get_model("compliance", "RecordsMark").objects.update(leaves=0)


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0016_installed_profiles'),
    ]

    operations = [
        migrations.CreateModel(
            name='ActivityReview',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('participant_id', models.UUIDField()),
                ('activity', models.CharField(max_length=80)),
                ('remark', models.TextField(blank=True)),
                ('reviewed_at', models.DateTimeField()),
                ('next_at', models.DateTimeField()),
                ('profile_version', models.CharField(max_length=200)),
                ('profile_sha256', models.CharField(max_length=64)),
            ],
            options={
                'indexes': [models.Index(fields=['participant_id', 'activity', 'reviewed_at'], name='activityreview_last')],
            },
        ),
        migrations.CreateModel(
            name='ActivityVersion',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('participant_id', models.UUIDField()),
                ('activity', models.CharField(blank=True, max_length=80)),
                ('number', models.PositiveIntegerField()),
                ('parts', models.JSONField()),
                ('contacts', models.UUIDField(null=True)),
                ('contacts_sha256', models.CharField(blank=True, max_length=64)),
                ('made_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('participant_id', 'activity', 'number'), name='activityversion_number_once')],
            },
        ),
        migrations.CreateModel(
            name='AgreedUse',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('seller_id', models.UUIDField(null=True)),
                ('buyer_id', models.UUIDField(null=True)),
                ('dataset_id', models.UUIDField(null=True)),
                ('purpose', models.CharField(blank=True, max_length=40)),
                ('country', models.CharField(blank=True, max_length=2)),
                ('affiliates', models.PositiveIntegerField(default=0)),
                ('duration_days', models.PositiveIntegerField(null=True)),
                ('end_date', models.DateField(null=True)),
                ('deletion_days', models.PositiveIntegerField(null=True)),
                ('signed_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('signed_leaf', models.BigIntegerField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['dataset_id'], name='agreed_of_dataset'), models.Index(fields=['buyer_id'], name='agreed_of_buyer')],
            },
        ),
        migrations.CreateModel(
            name='DeclaredDataset',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('seller_id', models.UUIDField(null=True)),
                ('stage', models.CharField(default='draft', max_length=16)),
                ('number', models.PositiveIntegerField(default=0)),
                ('personal_data', models.CharField(blank=True, max_length=16)),
                ('columns', models.JSONField(default=dict)),
                ('legal_basis', models.CharField(blank=True, max_length=16)),
                ('article_9_ground', models.CharField(blank=True, max_length=16)),
                ('processing', models.JSONField(default=dict)),
                ('found', models.JSONField(default=dict)),
                ('declared_at', models.DateTimeField(null=True)),
                ('measured_at', models.DateTimeField(null=True)),
                ('declared_leaf', models.BigIntegerField(null=True)),
                ('measured_leaf', models.BigIntegerField(null=True)),
                ('stage_leaf', models.BigIntegerField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['seller_id', 'id'], name='declared_of_seller')],
            },
        ),
        migrations.CreateModel(
            name='Flow',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('month', models.DateField()),
                ('dataset_id', models.UUIDField(null=True)),
                ('seller_id', models.UUIDField(null=True)),
                ('country_from', models.CharField(max_length=2)),
                ('country_to', models.CharField(max_length=2)),
                ('mechanism', models.CharField(blank=True, max_length=24)),
                ('personal_data', models.CharField(max_length=16)),
                ('purpose', models.CharField(max_length=40)),
                ('transfers', models.IntegerField()),
                ('sent_bytes', models.BigIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['month'], name='flow_of_month'), models.Index(fields=['dataset_id'], name='flow_of_dataset')],
            },
        ),
        migrations.RunPython(sum_up_flows, migrations.RunPython.noop),
    ]
