from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contracts", "0009_deletion_statements")]

    operations = [
        migrations.AddIndex(
            model_name="entitlement",
            index=models.Index(fields=["buyer", "dataset", "id"], name="entitlement_of_buyer_dataset"),
        ),
    ]
