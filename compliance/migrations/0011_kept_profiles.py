from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0010_duties")]

    operations = [
        migrations.CreateModel(
            name="KeptProfile",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("version", models.CharField(max_length=200)),
                ("body", models.BinaryField()),
                ("kept_at", models.DateTimeField()),
            ],
        ),
    ]
