import django.db.models.deletion
from django.db import migrations, models

import exchange.kernel.ids


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0016_private_links'),
        ('participants', '0005_second_member'),
    ]

    operations = [
        migrations.AddField(
            model_name='offer',
            name='choices',
            field=models.JSONField(default=list),
        ),
        migrations.CreateModel(
            name='Group',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('created_at', models.DateTimeField()),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='groups', to='participants.participant')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('seller', 'name'), name='group_name_once')],
            },
        ),
        migrations.CreateModel(
            name='GroupMember',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='contracts.group')),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('group', 'participant'), name='group_member_once')],
            },
        ),
        migrations.CreateModel(
            name='OfferGroup',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='groups', to='contracts.offer')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='contracts.group')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('offer', 'group'), name='offer_group_once')],
            },
        ),
    ]
