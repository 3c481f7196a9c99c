import django.db.models.deletion
import exchange.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('participants', '0002_invitations_and_clients'),
    ]

    operations = [
        migrations.CreateModel(
            name='MailPreference',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='mail_preference', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('language', models.CharField(blank=True, max_length=8)),
                ('sales', models.CharField(choices=[('at_once', 'At Once'), ('daily', 'Daily'), ('never', 'Never')], default='at_once', max_length=8)),
                ('money', models.CharField(choices=[('at_once', 'At Once'), ('daily', 'Daily'), ('never', 'Never')], default='at_once', max_length=8)),
                ('rights', models.CharField(choices=[('at_once', 'At Once'), ('daily', 'Daily'), ('never', 'Never')], default='at_once', max_length=8)),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('news', models.CharField(max_length=64)),
                ('key', models.CharField(max_length=80)),
                ('facts', models.JSONField()),
                ('created_at', models.DateTimeField()),
                ('read_at', models.DateTimeField(null=True)),
                ('mail_due_at', models.DateTimeField(null=True)),
                ('mail_attempts', models.PositiveSmallIntegerField(default=0)),
                ('mail_claim', models.UUIDField(null=True)),
                ('mailed_at', models.DateTimeField(null=True)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='participants.member')),
            ],
            options={
                'indexes': [models.Index(fields=['member', 'id'], name='notice_of_member'), models.Index(condition=models.Q(('read_at', None)), fields=['member'], name='notice_unread'), models.Index(condition=models.Q(('mail_due_at__isnull', False)), fields=['mail_due_at'], name='notice_to_mail')],
                'constraints': [models.UniqueConstraint(fields=('member', 'news', 'key'), name='notice_once')],
            },
        ),
    ]
