import hashlib
import json

import django.db.models.deletion
import exchange.kernel.ids
from django.db import migrations, models


def begin_rounds(apps, schema_editor):
    """What stands on the table of a talk that began before rounds were kept is its first one."""
    talks = apps.get_model("contracts", "Negotiation").objects
    rounds = apps.get_model("contracts", "Round").objects
    for talk in talks.filter(round=0).iterator():
        is_sellers = talk.state == "offered"
        at = talk.approved_at if is_sellers else talk.requested_at
        said = {
            "v": "comptoir.round/1",
            "negotiation": str(talk.pk),
            "number": 1,
            "side": "seller" if is_sellers else "buyer",
            "seller": str(talk.seller_id),
            "buyer": str(talk.buyer_id),
            "offer": str(talk.offer_id),
            "dataset": str(talk.dataset_id),
            "revision": str(talk.revision_id),
            "purpose": talk.purpose,
            "country": talk.country,
            "affiliates": [],
            "terms": talk.terms,
            "plan": talk.plan,
            "accept_by": None,
            "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "previous": "",
        }
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(text.encode()).hexdigest()
        rounds.create(
            negotiation=talk,
            number=1,
            side=said["side"],
            terms=talk.terms,
            plan=talk.plan,
            sha256=digest,
            made_by=talk.approved_by if is_sellers else talk.requested_by,
            made_at=at,
        )
        talks.filter(pk=talk.pk).update(round=1, proposal=digest)


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0010_rights_of_a_dataset'),
        ('participants', '0005_second_member'),
    ]

    operations = [
        migrations.AddField(
            model_name='negotiation',
            name='affiliates',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='negotiation',
            name='round',
            field=models.PositiveSmallIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='negotiation',
            name='proposal',
            field=models.CharField(default='', max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='negotiation',
            name='decide_by',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='negotiation',
            name='accept_by',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='negotiation',
            index=models.Index(condition=models.Q(('state', 'requested')), fields=['decide_by'], name='negotiation_to_decide'),
        ),
        migrations.AddIndex(
            model_name='negotiation',
            index=models.Index(condition=models.Q(('state__in', ['offered', 'approved'])), fields=['accept_by'], name='negotiation_to_accept'),
        ),
        migrations.CreateModel(
            name='Round',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('side', models.CharField(choices=[('seller', 'Seller'), ('buyer', 'Buyer')], max_length=8)),
                ('terms', models.JSONField()),
                ('plan', models.JSONField()),
                ('accept_by', models.DateTimeField(null=True)),
                ('note', models.TextField(blank=True)),
                ('previous_sha256', models.CharField(blank=True, max_length=64)),
                ('sha256', models.CharField(max_length=64)),
                ('made_by', models.CharField(max_length=80)),
                ('made_at', models.DateTimeField()),
                ('negotiation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rounds', to='contracts.negotiation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('negotiation', 'number'), name='round_numbered_once'),
                    models.CheckConstraint(condition=models.Q(('side__in', ['seller', 'buyer'])), name='round_side_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('proposal', models.CharField(max_length=64)),
                ('side', models.CharField(choices=[('seller', 'Seller'), ('buyer', 'Buyer')], max_length=8)),
                ('place', models.PositiveSmallIntegerField()),
                ('needed', models.PositiveSmallIntegerField()),
                ('actor', models.CharField(max_length=80)),
                ('event_id', models.UUIDField()),
                ('leaf_sha256', models.CharField(max_length=64)),
                ('signed_at', models.DateTimeField()),
                ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.member')),
                ('negotiation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='contracts.negotiation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('negotiation', 'proposal', 'side', 'place'), name='signature_one_in_a_place'),
                    models.UniqueConstraint(fields=('negotiation', 'proposal', 'side', 'member'), name='signature_once_by_a_member'),
                    models.CheckConstraint(
                        condition=models.Q(('side__in', ['seller', 'buyer']), ('place__gte', 1), ('place__lte', models.F('needed'))),
                        name='signature_has_its_place',
                    ),
                ],
            },
        ),
        migrations.RunPython(begin_rounds, migrations.RunPython.noop),
    ]
