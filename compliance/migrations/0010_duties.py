from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0009_acknowledge_alarms'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='transferrecord',
            index=models.Index(fields=['entitlement_id'], name='record_of_entitlement'),
        ),
        migrations.CreateModel(
            name='Duty',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('seller_id', models.UUIDField(null=True)),
                ('buyer_id', models.UUIDField(null=True)),
                ('dataset_id', models.UUIDField(null=True)),
                ('revision_id', models.UUIDField(null=True)),
                ('agreement_id', models.UUIDField(null=True)),
                ('delete_by', models.DateTimeField(null=True)),
                ('stated_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('stated_at', None)), fields=['delete_by'], name='duty_not_stated')],
            },
        ),
    ]
