"""What every Event writes beside itself, made less: a party is found by one index, and a place is indexed once given."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

POSTGRESQL = ["ALTER TABLE kernel_eventparty DROP COLUMN id, ADD PRIMARY KEY (participant_id, event_id)"]
SQLITE = [
    "CREATE TABLE kernel_eventparty_lean (participant_id char(32) NOT NULL, event_id char(32) NOT NULL, "
    "PRIMARY KEY (participant_id, event_id))",
    "INSERT INTO kernel_eventparty_lean SELECT participant_id, event_id FROM kernel_eventparty",
    "DROP TABLE kernel_eventparty",
    "ALTER TABLE kernel_eventparty_lean RENAME TO kernel_eventparty",
]


def know_parties_by_their_event(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_pulses")]

    operations = [
        migrations.AlterField("event", "leaf_index", models.BigIntegerField(null=True)),
        migrations.AddConstraint(
            "event",
            models.UniqueConstraint(
                condition=models.Q(("leaf_index__isnull", False)),
                fields=("leaf_index",),
                name="kernel_event_place_once",
            ),
        ),
        migrations.AlterField(
            "eventparty",
            "event",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="parties",
                to="kernel.event",
            ),
        ),
        migrations.RemoveConstraint("eventparty", "kernel_event_party_once"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(know_parties_by_their_event)],
            state_operations=[
                migrations.RemoveField("eventparty", "id"),
                migrations.AddField(
                    "eventparty",
                    "pk",
                    models.CompositePrimaryKey(
                        "participant_id",
                        "event_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
        ),
    ]
