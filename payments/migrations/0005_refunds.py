import django.db.models.deletion
import django.db.models.expressions
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import exchange.kernel.ids


def keep_what_is_held(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Each open hold keeps its whole amount, by the parts that were frozen with its charge."""
    for hold in apps.get_model("payments", "Hold").objects.filter(state__in=["open", "contested"]):
        parts = {part["party"]: part["minor"] for part in hold.charge.parts}
        hold.kept = parts or {str(hold.seller_id): hold.amount_minor}
        hold.kept_minor = hold.amount_minor
        hold.save(update_fields=["kept", "kept_minor"])


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0004_operations'),
    ]

    operations = [
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('currency', models.CharField(max_length=3)),
                ('gross_minor', models.BigIntegerField()),
                ('net_minor', models.BigIntegerField(default=0)),
                ('tax_minor', models.BigIntegerField(default=0)),
                ('fee_minor', models.BigIntegerField(default=0)),
                ('parts', models.JSONField(default=list)),
                ('is_from_hold', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('open', 'Open'), ('won', 'Won'), ('lost', 'Lost')], default='open', max_length=16)),
                ('provider', models.CharField(max_length=16)),
                ('provider_reference', models.CharField(max_length=120)),
                ('cost_minor', models.BigIntegerField(default=0)),
                ('reason', models.CharField(blank=True, max_length=64)),
                ('allotted_minor', models.BigIntegerField(default=0)),
                ('evidence_due_at', models.DateTimeField(null=True)),
                ('opened_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('currency', models.CharField(max_length=3)),
                ('gross_minor', models.BigIntegerField()),
                ('net_minor', models.BigIntegerField(default=0)),
                ('tax_minor', models.BigIntegerField(default=0)),
                ('fee_minor', models.BigIntegerField(default=0)),
                ('parts', models.JSONField(default=list)),
                ('is_from_hold', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('requested', 'Requested'), ('declined', 'Declined'), ('created', 'Created'), ('submitted', 'Submitted'), ('settled', 'Settled'), ('failed', 'Failed')], default='requested', max_length=16)),
                ('provider', models.CharField(max_length=16)),
                ('provider_reference', models.CharField(blank=True, max_length=120)),
                ('asked_side', models.CharField(choices=[('buyer', 'Buyer'), ('seller', 'Seller'), ('operator', 'Operator')], max_length=8)),
                ('asked_by', models.CharField(max_length=80)),
                ('reason', models.TextField()),
                ('decided_by', models.CharField(blank=True, max_length=80)),
                ('answer', models.TextField(blank=True)),
                ('failure', models.CharField(blank=True, max_length=200)),
                ('asked_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='charge',
            name='awaits_delivery',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='charge',
            name='refund_policy',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='charge',
            name='refunded_minor',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='hold',
            name='awaits_delivery',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='hold',
            name='checked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='hold',
            name='kept',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='hold',
            name='kept_minor',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='hold',
            name='overdue_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(keep_what_is_held, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='charge',
            constraint=models.CheckConstraint(condition=models.Q(('refunded_minor__gte', 0), ('refunded_minor__lte', models.F('gross_minor'))), name='charge_gives_back_what_it_has'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('kept_minor__gte', 0), ('kept_minor__lte', models.F('amount_minor'))), name='hold_keeps_a_part'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='charge',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='payments.charge'),
        ),
        migrations.AddField(
            model_name='refund',
            name='charge',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='payments.charge'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('open', 'won', 'lost'))), name='dispute_state_known'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.UniqueConstraint(fields=('provider', 'provider_reference'), name='dispute_once'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(('allotted_minor__gte', 0), ('cost_minor__gte', 0), ('gross_minor__gt', 0), ('allotted_minor__lte', models.F('gross_minor')), ('allotted_minor', django.db.models.expressions.CombinedExpression(models.F('net_minor'), '+', models.F('tax_minor')))), name='dispute_adds_up'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('requested', 'declined', 'created', 'submitted', 'settled', 'failed'))), name='refund_state_known'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('fee_minor__gte', 0), ('gross_minor__gt', 0), ('net_minor__gte', 0), ('tax_minor__gte', 0), models.Q(('state__in', ['requested', 'declined']), ('gross_minor', django.db.models.expressions.CombinedExpression(models.F('net_minor'), '+', models.F('tax_minor'))), _connector='OR')), name='refund_adds_up'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['requested', 'created', 'submitted'])), fields=('charge',), name='refund_one_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.UniqueConstraint(condition=models.Q(('provider_reference', ''), _negated=True), fields=('provider', 'provider_reference'), name='refund_reference_once'),
        ),
    ]
