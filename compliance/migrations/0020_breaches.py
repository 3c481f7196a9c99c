import django.db.models.deletion
import exchange.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0019_transfer_bases'),
    ]

    operations = [
        migrations.CreateModel(
            name='Breach',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('open', 'Open'), ('closed', 'Closed')], default='open', max_length=8)),
                ('kinds', models.JSONField()),
                ('what', models.TextField()),
                ('reported_by', models.CharField(choices=[('own', 'Own'), ('participant', 'Participant'), ('processor', 'Processor'), ('person', 'Person'), ('authority', 'Authority'), ('outsider', 'Outsider'), ('monitor', 'Monitor')], max_length=16)),
                ('systems', models.TextField(blank=True)),
                ('occurred_from', models.DateTimeField(null=True)),
                ('occurred_until', models.DateTimeField(null=True)),
                ('detected_at', models.DateTimeField()),
                ('became_aware_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('profile_version', models.CharField(max_length=200)),
                ('profile_sha256', models.CharField(max_length=64)),
                ('persons_count', models.BigIntegerField(null=True)),
                ('records_count', models.BigIntegerField(null=True)),
                ('persons_categories', models.TextField(blank=True)),
                ('data_categories', models.TextField(blank=True)),
                ('consequences', models.TextField(blank=True)),
                ('measures_taken', models.TextField(blank=True)),
                ('measures_proposed', models.TextField(blank=True)),
                ('lessons', models.TextField(blank=True)),
                ('risk', models.CharField(blank=True, choices=[('unlikely', 'Unlikely'), ('risk', 'Risk'), ('high', 'High')], max_length=8)),
                ('risk_method', models.TextField(blank=True)),
                ('risk_reasons', models.TextField(blank=True)),
                ('exemption', models.CharField(blank=True, max_length=40)),
                ('exemption_reasons', models.TextField(blank=True)),
                ('opened_by', models.CharField(max_length=80)),
                ('opened_at', models.DateTimeField()),
                ('alarms_told', models.PositiveSmallIntegerField(default=0)),
                ('closed_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['due_at'], name='breach_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ('open', 'closed'))), name='breach_state_known'), models.CheckConstraint(condition=models.Q(('detected_at__lte', models.F('became_aware_at')), ('became_aware_at__lte', models.F('opened_at'))), name='breach_moments_in_order')],
            },
        ),
        migrations.CreateModel(
            name='BreachScope',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('asked', models.JSONField()),
                ('taken_at', models.DateTimeField()),
                ('origin', models.CharField(max_length=200)),
                ('size', models.BigIntegerField()),
                ('root', models.CharField(max_length=64)),
                ('leaves', models.BigIntegerField()),
                ('transfers', models.BigIntegerField()),
                ('recipients', models.BigIntegerField()),
                ('sent_bytes', models.BigIntegerField()),
                ('first_leaf', models.BigIntegerField(null=True)),
                ('last_leaf', models.BigIntegerField(null=True)),
                ('categories', models.JSONField()),
                ('breach', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scopes', to='compliance.breach')),
            ],
        ),
        migrations.CreateModel(
            name='BreachRecipient',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('buyer_id', models.UUIDField()),
                ('dataset_id', models.UUIDField(null=True)),
                ('revision_id', models.UUIDField(null=True)),
                ('transfers', models.BigIntegerField()),
                ('sent_bytes', models.BigIntegerField()),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('first_leaf', models.BigIntegerField()),
                ('last_leaf', models.BigIntegerField()),
                ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='compliance.breachscope')),
            ],
        ),
        migrations.CreateModel(
            name='BreachReport',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('audience', models.CharField(choices=[('authority', 'Authority'), ('persons', 'Persons')], max_length=12)),
                ('phase', models.PositiveSmallIntegerField()),
                ('is_last', models.BooleanField()),
                ('channel', models.CharField(choices=[('portal', 'Portal'), ('email', 'Email'), ('letter', 'Letter'), ('phone', 'Phone'), ('public', 'Public')], max_length=8)),
                ('reference', models.CharField(blank=True, max_length=200)),
                ('sent_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('delay_reason', models.TextField(blank=True)),
                ('body', models.TextField()),
                ('sha256', models.CharField(max_length=64)),
                ('breach', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='compliance.breach')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('breach', 'audience', 'phase'), name='breach_report_once')],
            },
        ),
        migrations.CreateModel(
            name='BreachStop',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('participant', 'Participant'), ('revision', 'Revision')], max_length=12)),
                ('target_id', models.UUIDField()),
                ('reason', models.TextField()),
                ('ordered_by', models.CharField(max_length=80)),
                ('ordered_at', models.DateTimeField()),
                ('breach', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stops', to='compliance.breach')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('breach', 'kind', 'target_id'), name='breach_stop_once')],
            },
        ),
    ]
