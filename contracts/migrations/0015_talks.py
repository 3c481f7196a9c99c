import django.db.models.deletion
import exchange.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0014_offers_for_a_time'),
    ]

    operations = [
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('side', models.CharField(choices=[('seller', 'Seller'), ('buyer', 'Buyer')], max_length=8)),
                ('author', models.CharField(max_length=80)),
                ('body', models.TextField()),
                ('posted_at', models.DateTimeField()),
                ('negotiation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='contracts.negotiation')),
            ],
            options={
                'indexes': [models.Index(fields=['negotiation', 'id'], name='message_of_negotiation')],
                'constraints': [models.CheckConstraint(condition=models.Q(('side__in', ['seller', 'buyer'])), name='message_side_known')],
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('size_bytes', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('content', models.BinaryField()),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='contracts.message')),
            ],
        ),
    ]
