import django.db.models.deletion
from django.db import migrations, models

import exchange.kernel.ids


class Migration(migrations.Migration):

    dependencies = [
        ('participants', '0006_sectors'),
        ('payments', '0005_refunds'),
    ]

    operations = [
        migrations.CreateModel(
            name='Split',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('subject', models.CharField(max_length=80)),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('in_force', 'In Force'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn'), ('superseded', 'Superseded')], default='proposed', max_length=16)),
                ('measure', models.CharField(blank=True, max_length=80)),
                ('reason', models.TextField(blank=True)),
                ('proposed_by', models.CharField(max_length=80)),
                ('proposed_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='splits_as_owner', to='participants.participant')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ('proposed', 'in_force', 'declined', 'withdrawn', 'superseded'))), name='split_state_known'), models.UniqueConstraint(fields=('subject', 'number'), name='split_once_per_number'), models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('subject',), name='split_one_proposed'), models.UniqueConstraint(condition=models.Q(('state', 'in_force')), fields=('subject',), name='split_one_in_force')],
            },
        ),
        migrations.CreateModel(
            name='Share',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('basis_points', models.PositiveIntegerField()),
                ('weight', models.BigIntegerField(null=True)),
                ('accepted_by', models.CharField(blank=True, max_length=80)),
                ('accepted_at', models.DateTimeField(null=True)),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='participants.participant')),
                ('split', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='payments.split')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('split', 'party'), name='share_once_per_party'), models.CheckConstraint(condition=models.Q(('basis_points__gte', 0), ('basis_points__lte', 10000)), name='share_is_a_part'), models.CheckConstraint(condition=models.Q(('weight', None), ('weight__gte', 0), _connector='OR'), name='share_weighs_something')],
            },
        ),
        migrations.CreateModel(
            name='PayoutAccount',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('provider', models.CharField(max_length=16)),
                ('provider_reference', models.CharField(blank=True, max_length=120)),
                ('state', models.CharField(choices=[('wanted', 'Wanted'), ('onboarding', 'Onboarding'), ('ready', 'Ready'), ('restricted', 'Restricted'), ('rejected', 'Rejected')], default='wanted', max_length=16)),
                ('requirements', models.JSONField(default=list)),
                ('bank_sealed', models.TextField(blank=True)),
                ('bank_hint', models.CharField(blank=True, max_length=8)),
                ('pays_from', models.DateTimeField(null=True)),
                ('failures', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payout_accounts', to='participants.participant')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ('wanted', 'onboarding', 'ready', 'restricted', 'rejected'))), name='payoutaccount_state_known'), models.UniqueConstraint(fields=('participant', 'provider'), name='payoutaccount_once_per_provider'), models.UniqueConstraint(condition=models.Q(('provider_reference', ''), _negated=True), fields=('provider', 'provider_reference'), name='payoutaccount_reference_once')],
            },
        ),
        migrations.CreateModel(
            name='Payout',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('provider', models.CharField(max_length=16)),
                ('state', models.CharField(choices=[('created', 'Created'), ('submitted', 'Submitted'), ('settled', 'Settled'), ('failed', 'Failed')], default='created', max_length=16)),
                ('currency', models.CharField(max_length=3)),
                ('amount_minor', models.BigIntegerField()),
                ('bank_sealed', models.TextField(blank=True)),
                ('needs_approval', models.BooleanField()),
                ('proposed_by', models.CharField(max_length=80)),
                ('approved_by', models.CharField(blank=True, max_length=80)),
                ('approved_at', models.DateTimeField(null=True)),
                ('batch', models.CharField(blank=True, max_length=35)),
                ('provider_reference', models.CharField(blank=True, max_length=140)),
                ('failure', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField()),
                ('submitted_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='payments.payoutaccount')),
                ('approved_member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.member')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='participants.participant')),
                ('proposed_member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.member')),
            ],
            options={
                'indexes': [models.Index(fields=['party', 'created_at'], name='payout_of_party')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ('created', 'submitted', 'settled', 'failed'))), name='payout_state_known'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='payout_moves_something'), models.CheckConstraint(condition=models.Q(models.Q(('approved_at', None), ('approved_by', ''), ('approved_member', None)), models.Q(models.Q(('approved_by', ''), _negated=True), ('approved_at__isnull', False), models.Q(('approved_by', models.F('proposed_by')), _negated=True), models.Q(('approved_member', None), models.Q(('approved_member', models.F('proposed_member')), _negated=True), _connector='OR')), _connector='OR'), name='payout_four_eyes'), models.CheckConstraint(condition=models.Q(('needs_approval', False), ('state__in', ['created', 'failed']), ('approved_at__isnull', False), _connector='OR'), name='payout_leaves_approved')],
            },
        ),
        migrations.CreateModel(
            name='Remittance',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('target', models.CharField(max_length=80)),
                ('state', models.CharField(choices=[('noted', 'Noted'), ('confirmed', 'Confirmed'), ('dismissed', 'Dismissed')], default='noted', max_length=16)),
                ('currency', models.CharField(max_length=3)),
                ('amount_minor', models.BigIntegerField()),
                ('bank_reference', models.CharField(max_length=140)),
                ('noted_by', models.CharField(max_length=80)),
                ('noted_at', models.DateTimeField()),
                ('decided_by', models.CharField(blank=True, max_length=80)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.member')),
                ('noted_member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.member')),
                ('payee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='remittances', to='participants.participant')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ('noted', 'confirmed', 'dismissed'))), name='remittance_state_known'), models.UniqueConstraint(condition=models.Q(('state', 'dismissed'), _negated=True), fields=('target', 'bank_reference'), name='remittance_once_per_reference'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='remittance_moves_something'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'confirmed'), _negated=True), models.Q(models.Q(('decided_by', ''), _negated=True), models.Q(('decided_by', models.F('noted_by')), _negated=True), models.Q(('decided_member', None), models.Q(('decided_member', models.F('noted_member')), _negated=True), _connector='OR')), _connector='OR'), name='remittance_four_eyes')],
            },
        ),
    ]
