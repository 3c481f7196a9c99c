from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0024_price_lists")]

    operations = [
        migrations.AddField(
            model_name="subjectrequest",
            name="delay_reason",
            field=models.CharField(blank=True, default="", max_length=512),
            preserve_default=False,
        ),
    ]
