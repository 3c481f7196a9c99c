"""Who takes part: organisations, their members and machines, and the sealed personal data behind pseudonyms."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event
from exchange.kernel.states import known_states


class Participant(models.Model):
    """An organisation that sells, buys or operates. `country` and `sector` are what it declared; `verified_country`
    and `verified_sector` are what the operator saw, and all that rules rely on. A sector may stay unknown. Address and
    VAT id are what its invoices say."""

    class State(models.TextChoices):
        APPLIED = "applied"
        VERIFIED = "verified"
        SUSPENDED = "suspended"
        CLOSED = "closed"

    TRANSITIONS = {
        "verify": ({State.APPLIED}, State.VERIFIED, "participant.verified"),
        "suspend": ({State.VERIFIED}, State.SUSPENDED, "participant.suspended"),
        "restore": ({State.SUSPENDED}, State.VERIFIED, "participant.restored"),
        "close": ({State.APPLIED, State.VERIFIED, State.SUSPENDED}, State.CLOSED, "participant.closed"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=16, choices=State.choices, default=State.APPLIED)
    is_operator = models.BooleanField(default=False)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    registration_number = models.CharField(max_length=64, blank=True)
    website = models.URLField(max_length=200, blank=True)
    sector = models.CharField(max_length=1, blank=True, default="")
    street = models.CharField(max_length=200, blank=True, default="")
    postcode = models.CharField(max_length=16, blank=True, default="")
    city = models.CharField(max_length=100, blank=True, default="")
    vat_id = models.CharField(max_length=20, blank=True, default="")  # "FR40303265045"
    is_small_business = models.BooleanField(default=False)  # exempt from VAT where it is established
    verified_country = models.CharField(max_length=2, blank=True)
    verified_sector = models.CharField(max_length=1, blank=True, default="")
    certifications = models.JSONField(default=list)
    evidence = models.TextField(blank=True)
    verified_at = models.DateTimeField(null=True)
    asks_second_member = models.BooleanField(default=False)  # two of its members sign a contract
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            known_states("participant", "applied", "verified", "suspended", "closed"),
            models.UniqueConstraint(
                fields=["is_operator"], condition=models.Q(is_operator=True), name="participant_one_operator"
            ),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {"participant": str(self.pk), "country": self.verified_country or self.country}

    def event_parties(self) -> list[UUID]:
        return [self.pk]


class Member(models.Model):
    """A person who acts for one participant; `role` decides the scopes."""

    class Role(models.TextChoices):
        MANAGER = "manager"  # everything its participant may do, and its members and API clients
        TRADER = "trader"  # sells and buys
        VIEWER = "viewer"  # sees
        OFFICER = "officer"  # of the operator: audits the exchange; elsewhere: sees its own participant
        OPERATOR = "operator"  # of the operator only: verifies and suspends

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="members")
    role = models.CharField(max_length=16, choices=Role.choices)
    joined_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "participant"],
                condition=models.Q(removed_at=None),
                name="member_once_per_participant",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=["manager", "trader", "viewer", "officer", "operator"]),
                name="member_role_known",
            ),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {"participant": str(self.participant_id), "role": self.role}

    def event_parties(self) -> list[UUID]:
        return [self.participant_id]


class Invitation(models.Model):
    """An open door for one e-mail address; only the hash of its token is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=16, choices=Member.Role.choices)
    language = models.CharField(max_length=8, default="en")  # of the mail, as the inviter chose it
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    def event_facts(self) -> Mapping[str, Fact]:
        return {"participant": str(self.participant_id), "role": self.role}

    def event_parties(self) -> list[UUID]:
        return [self.participant_id]


class ApiClient(models.Model):
    """A machine that acts for a participant by OAuth2 client credentials; `id` is the client id."""

    id = models.CharField(primary_key=True, max_length=40)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="api_clients")
    name = models.CharField(max_length=100)
    secret_hash = models.CharField(max_length=64)
    scopes = models.JSONField()
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)  # when it last asked for an access token, within an hour
    revoked_at = models.DateTimeField(null=True)

    def event_facts(self) -> Mapping[str, Fact]:
        return {"participant": str(self.participant_id), "client": self.pk, "scopes": list(self.scopes)}

    def event_parties(self) -> list[UUID]:
        return [self.participant_id]


class RevokedToken(models.Model):
    """An access token that was taken back before its end; kept until it would have expired anyway."""

    id = models.CharField(primary_key=True, max_length=64)
    expires_at = models.DateTimeField(db_index=True)


class Pseudonym(models.Model):
    """The name under which a member appears in Events, another one each year, so that years do not link."""

    name = models.CharField(primary_key=True, max_length=40)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="pseudonyms")
    year = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "year"], name="pseudonym_once_a_year")]


class ForgottenYear(models.Model):
    """A year of which it may be forgotten who appears under which name: the database lets no other pseudonym go."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    decided_at = models.DateTimeField()


class VaultKey(models.Model):
    """One person's (or client's) key, wrapped by the exchange's own; shredding it makes all records under it
    unreadable. `id` is the actor's name."""

    id = models.CharField(primary_key=True, max_length=80)
    wrapped = models.BinaryField(null=True)
    created_at = models.DateTimeField()
    shredded_at = models.DateTimeField(null=True)

    def event_facts(self) -> Mapping[str, Fact]:
        return {"name": self.pk}

    def event_parties(self) -> list[UUID]:
        return []


class VaultRecord(models.Model):
    """Personal data that an Event may not hold (address, user agent), encrypted; Events carry the hash of the
    ciphertext alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.ForeignKey(VaultKey, on_delete=models.PROTECT, related_name="records")
    sealed = models.BinaryField(null=True)
    created_at = models.DateTimeField()

    def event_facts(self) -> Mapping[str, Fact]:
        return {"name": self.key_id}

    def event_parties(self) -> list[UUID]:
        return []


class Repeat(models.Model):
    """The stored answer to a POST that carried an Idempotency-Key: claimed first, committed with the verb."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    payload_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.BinaryField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="repeat_once_per_client")]


class Notice(models.Model):
    """One thing that one member should know of. `key` says what it follows from, so that nothing is told twice; its
    words are made from `facts` when it is read. `mail_due_at` is empty where no mail waits."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="notices")
    news = models.CharField(max_length=64)
    key = models.CharField(max_length=80)
    facts = models.JSONField()
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mail_due_at = models.DateTimeField(null=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_claim = models.UUIDField(null=True)  # of the worker that sends it
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "news", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["member", "id"], name="notice_of_member"),
            models.Index(fields=["member"], condition=models.Q(read_at=None), name="notice_unread"),
            models.Index(
                fields=["mail_due_at"], condition=models.Q(mail_due_at__isnull=False), name="notice_to_mail"
            ),
        ]

    @property
    def queued_at(self) -> datetime:
        return self.created_at


class MailPreference(models.Model):
    """In which language a person is written to, and how soon for each group of notices."""

    class Pace(models.TextChoices):
        AT_ONCE = "at_once"
        DAILY = "daily"
        NEVER = "never"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="mail_preference"
    )
    language = models.CharField(max_length=8, blank=True)
    sales = models.CharField(max_length=8, choices=Pace.choices, default=Pace.AT_ONCE)
    money = models.CharField(max_length=8, choices=Pace.choices, default=Pace.AT_ONCE)
    rights = models.CharField(max_length=8, choices=Pace.choices, default=Pace.AT_ONCE)


class Webhook(models.Model):
    """An address of a participant to which its Events are sent, each with its proof, as the log seals them. `names`
    are the Events that it wants, `transfer.*` for all of a kind; none means every one. `next_index` is the first leaf
    that it has not been asked about; `failing_since` is empty while deliveries go well."""

    class State(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"
        DISABLED = "disabled"  # by the exchange, after days of failure
        DELETED = "deleted"

    TRANSITIONS = {
        "pause": ({State.ACTIVE}, State.PAUSED, "webhook.paused"),
        "resume": ({State.PAUSED, State.DISABLED}, State.ACTIVE, "webhook.resumed"),
        "disable": ({State.ACTIVE}, State.DISABLED, "webhook.disabled"),
        "delete": ({State.ACTIVE, State.PAUSED, State.DISABLED}, State.DELETED, "webhook.deleted"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="webhooks")
    state = models.CharField(max_length=16, choices=State.choices, default=State.ACTIVE)
    url = models.CharField(max_length=500)
    names = models.JSONField(default=list)
    secret = models.TextField()  # wrapped by the vault
    former_secret = models.TextField(blank=True)  # signs too, until `former_until`
    former_until = models.DateTimeField(null=True)
    next_index = models.BigIntegerField()
    failures = models.PositiveIntegerField(default=0)  # in a row
    failing_since = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [known_states("webhook", "active", "paused", "disabled", "deleted")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {"participant": str(self.participant_id), "webhook": str(self.pk)}

    def event_parties(self) -> list[UUID]:
        return [self.participant_id]


class WebhookMessage(models.Model):
    """One Event on its way to one webhook; `due_at` is empty once nothing more is to be done. Its id is that of the
    message at each try."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="messages")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["webhook", "event"], name="webhook_message_once")]
        indexes = [
            models.Index(
                fields=["webhook", "due_at"],
                condition=models.Q(due_at__isnull=False),
                name="webhook_message_due",
            )
        ]


class WebhookAttempt(models.Model):
    """One try to deliver a message: what was answered, or by which code it failed before an answer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(WebhookMessage, on_delete=models.PROTECT, related_name="tries")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    code = models.CharField(max_length=40, blank=True)
    milliseconds = models.PositiveIntegerField()
