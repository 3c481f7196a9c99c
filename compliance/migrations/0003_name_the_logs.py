"""A log is known by its name, the year or the year and a number, because a year may have more than one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0002_started_at_of_records")]

    operations = [
        migrations.RenameField("log", "year", "name"),
        migrations.AlterField("log", "name", models.CharField(max_length=8, primary_key=True, serialize=False)),
    ]
