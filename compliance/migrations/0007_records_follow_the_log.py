from django.db import migrations, models


def start_where_the_records_are(apps, schema_editor):
    """Until now the records were written with the leaves: they say all that is sealed."""
    newest = apps.get_model("compliance", "Log").objects.order_by("-name").first()
    head = newest and newest.heads.order_by("-size").first()
    leaves = (newest.first_index if newest else 0) + (head.size if head else 0)
    apps.get_model("compliance", "RecordsMark").objects.create(leaves=leaves)


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0006_comparisons_and_alarms'),
    ]

    operations = [
        migrations.CreateModel(
            name='RecordsMark',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('leaves', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='records_mark_once')],
            },
        ),
        migrations.RunPython(start_where_the_records_are, migrations.RunPython.noop),
    ]
