from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0019_own_templates"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="entitlement", name="entitlement_of_revision"),
        migrations.AddIndex(
            model_name="entitlement",
            index=models.Index(fields=["dataset", "id"], name="entitlement_of_dataset"),
        ),
    ]
