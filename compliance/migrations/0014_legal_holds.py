import exchange.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0013_notices_to_recipients'),
    ]

    operations = [
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('placed', 'Placed'), ('releasing', 'Releasing'), ('released', 'Released')], default='placed', max_length=16)),
                ('scope', models.CharField(choices=[('dataset', 'Dataset'), ('participant', 'Participant'), ('agreement', 'Agreement'), ('person', 'Person'), ('request', 'Request'), ('period', 'Period'), ('log_year', 'Log Year')], max_length=16)),
                ('target', models.CharField(blank=True, max_length=80)),
                ('since', models.DateTimeField(null=True)),
                ('until', models.DateTimeField(null=True)),
                ('authority', models.CharField(max_length=200)),
                ('reference', models.CharField(blank=True, max_length=200)),
                ('reason', models.TextField()),
                ('placed_by', models.CharField(max_length=80)),
                ('placed_at', models.DateTimeField()),
                ('review_on', models.DateField()),
                ('asked_by', models.CharField(blank=True, max_length=80)),
                ('released_by', models.CharField(blank=True, max_length=80)),
                ('released_at', models.DateTimeField(null=True)),
                ('release_reason', models.TextField(blank=True)),
            ],
            options={
                'verbose_name': 'legal hold',
                'indexes': [models.Index(condition=models.Q(('state', 'released'), _negated=True), fields=['scope', 'target'], name='legal_hold_standing')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ('placed', 'releasing', 'released'))), name='legal_hold_state_known'), models.CheckConstraint(condition=models.Q(('scope__in', ['dataset', 'participant', 'agreement', 'person', 'request', 'period', 'log_year'])), name='legal_hold_scope_known'), models.CheckConstraint(condition=models.Q(models.Q(('scope', 'period'), ('since__isnull', False), ('target', ''), ('until__isnull', False)), models.Q(models.Q(('scope', 'period'), _negated=True), models.Q(('target', ''), _negated=True), ('since', None), ('until', None)), _connector='OR'), name='legal_hold_has_one_scope'), models.CheckConstraint(condition=models.Q(('since', None), ('since__lt', models.F('until')), _connector='OR'), name='legal_hold_period_has_length')],
            },
        ),
    ]
