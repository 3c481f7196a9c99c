"""Requests of persons (Art. 15 to 22), their pauses and letters, and what sellers are asked to search. Whatever names a
person lies in the vault under the name of the request; these rows and their Events know a pseudonym alone."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states
from exchange.kernel.text import timestamp


class SubjectRequest(models.Model):
    """What one person asks of the exchange. `due_at` follows from the legal profile that is named beside it;
    `particulars` and `answer` are records of the vault. `limited_by` is the ground on which an erasure became a
    restriction."""

    class Kind(models.TextChoices):
        ACCESS = "access"
        RECTIFICATION = "rectification"
        ERASURE = "erasure"
        RESTRICTION = "restriction"
        PORTABILITY = "portability"
        OBJECTION = "objection"
        AUTOMATED_DECISION = "automated_decision"

    class Channel(models.TextChoices):
        FORM = "form"
        EMAIL = "email"
        LETTER = "letter"
        IN_PERSON = "in_person"

    class Check(models.TextChoices):
        ADDRESS = "address"  # the address that is known of the person was confirmed by link
        ACCOUNT = "account"  # asked from an account of the exchange
        QUESTIONS = "questions"  # answers that only the person knows
        ELECTRONIC = "electronic"  # an electronic identity
        DOCUMENT_SEEN = "document_seen"  # seen and given back, no copy kept
        IN_PERSON = "in_person"

    class State(models.TextChoices):
        RECEIVED = "received"
        IDENTIFIED = "identified"
        IN_PROGRESS = "in_progress"
        ANSWERED = "answered"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"

    OPEN = (State.RECEIVED, State.IDENTIFIED, State.IN_PROGRESS)
    TRANSITIONS = {
        "identify": ({State.RECEIVED}, State.IDENTIFIED, "subjectrequest.identified"),
        "start": ({State.IDENTIFIED}, State.IN_PROGRESS, "subjectrequest.started"),
        "answer": ({State.IN_PROGRESS}, State.ANSWERED, "subjectrequest.answered"),
        "refuse": (set(OPEN), State.REFUSED, "subjectrequest.refused"),
        "withdraw": (set(OPEN), State.WITHDRAWN, "subjectrequest.withdrawn"),
        "lapse": ({State.RECEIVED}, State.WITHDRAWN, "subjectrequest.lapsed"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.CharField(max_length=40, unique=True)  # a pseudonym of this request alone
    kind = models.CharField(max_length=24, choices=Kind.choices)
    channel = models.CharField(max_length=12, choices=Channel.choices)
    state = models.CharField(max_length=16, choices=State.choices, default=State.RECEIVED)
    language = models.CharField(max_length=8)
    country = models.CharField(max_length=2)  # of the controller, whose holidays count
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    profile_version = models.CharField(max_length=200)
    profile_sha256 = models.CharField(max_length=64)
    extended_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)  # the e-mail address, by link
    check_method = models.CharField(max_length=16, choices=Check.choices, blank=True)
    identified_at = models.DateTimeField(null=True)
    limited_by = models.CharField(max_length=40, blank=True)
    ground = models.CharField(max_length=40, blank=True)  # of a refusal
    delay_reason = models.CharField(max_length=512, blank=True)  # of an end after `due_at`
    told_at = models.DateTimeField(null=True)  # when recipients were told of what is to be done
    particulars = models.UUIDField()
    answer = models.UUIDField(null=True)
    answer_sha256 = models.CharField(max_length=64, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, null=True)
    code_hash = models.CharField(max_length=64, blank=True)
    code_until = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states(
                "subject_request", "received", "identified", "in_progress", "answered", "refused", "withdrawn"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(closed_at=None), name="subject_request_open")
        ]

    @property
    def vault_name(self) -> str:
        """Under which the vault keeps all that names the person."""
        return f"request:{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_confirmed(self) -> bool:
        """Whether somebody stands behind it: by a link, or by an officer who took it in."""
        return self.channel != self.Channel.FORM or self.confirmed_at is not None

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "request": str(self.pk),
            "person": self.person,
            "kind": str(self.kind),
            "due_at": timestamp(self.due_at),
            "legal_profile": self.profile_version,
            "legal_profile_sha256": self.profile_sha256,
        }

    def event_parties(self) -> list[UUID]:
        return []


class RequestPause(models.Model):
    """A time in which the clock of a request stands still, because the person was asked for something."""

    class Why(models.TextChoices):
        IDENTITY = "identity"
        CLARIFICATION = "clarification"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT, related_name="pauses")
    why = models.CharField(max_length=16, choices=Why.choices)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=models.Q(ended_at=None), name="request_paused_once"
            )
        ]


class RequestLetter(models.Model):
    """One message between the person and the officers; its words are a record of the vault. `mail_due_at` is empty
    where no mail waits."""

    class Direction(models.TextChoices):
        IN = "in"
        OUT = "out"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT, related_name="letters")
    direction = models.CharField(max_length=3, choices=Direction.choices)
    kind = models.CharField(max_length=24)
    record = models.UUIDField()
    at = models.DateTimeField()
    mail_due_at = models.DateTimeField(null=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_claim = models.UUIDField(null=True)  # of the worker that sends it
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["mail_due_at"],
                condition=models.Q(mail_due_at__isnull=False),
                name="request_letter_to_mail",
            )
        ]

    @property
    def queued_at(self) -> datetime:
        return self.at


class SellerSearch(models.Model):
    """A seller is asked to search its own datasets for the person of a request. `told` is the vault's record of what
    it may know for that."""

    class State(models.TextChoices):
        ASKED = "asked"
        ANSWERED = "answered"
        DISMISSED = "dismissed"  # the officer goes on without

    TRANSITIONS = {
        "answer": ({State.ASKED}, State.ANSWERED, "sellersearch.answered"),
        "dismiss": ({State.ASKED}, State.DISMISSED, "sellersearch.dismissed"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT, related_name="searches")
    seller_id = models.UUIDField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.ASKED)
    told = models.UUIDField()
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("seller_search", "asked", "answered", "dismissed"),
            models.UniqueConstraint(fields=["request", "seller_id"], name="seller_search_once"),
        ]
        indexes = [models.Index(fields=["seller_id", "id"], name="seller_search_of_seller")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "search": str(self.pk),
            "request": str(self.request_id),
            "seller": str(self.seller_id),
            "due_at": timestamp(self.due_at),
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id]


class SearchedRevision(models.Model):
    """One revision that a seller is asked about, and what it found there, by its index or by hand."""

    class Finding(models.TextChoices):
        WAITING = "waiting"
        FOUND = "found"
        NOT_FOUND = "not_found"

    class Means(models.TextChoices):
        INDEX = "index"
        HAND = "hand"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    search = models.ForeignKey(SellerSearch, on_delete=models.PROTECT, related_name="revisions")
    dataset_id = models.UUIDField()
    revision_id = models.UUIDField()
    finding = models.CharField(max_length=12, choices=Finding.choices, default=Finding.WAITING)
    means = models.CharField(max_length=8, choices=Means.choices, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["search", "revision_id"], name="searched_revision_once")]


class PersonsIndex(models.Model):
    """A seller's index of the persons in one revision: digests under a secret that the exchange never sees, in a file
    of the exchange's. The newest of a revision counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller_id = models.UUIDField()
    dataset_id = models.UUIDField()
    revision_id = models.UUIDField()
    persons = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    filed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["seller_id", "revision_id"], name="persons_index_of_seller")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "index": str(self.pk),
            "seller": str(self.seller_id),
            "dataset": str(self.dataset_id),
            "revision": str(self.revision_id),
            "persons": self.persons,
            "sha256": self.sha256,
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id]


class SealedRevision(models.Model):
    """What the log proves of one revision: whose it is, and of which dataset."""

    id = models.UUIDField(primary_key=True)  # of the revision
    dataset_id = models.UUIDField()
    seller_id = models.UUIDField()
    number = models.PositiveIntegerField()
    leaf = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["seller_id", "dataset_id"], name="sealed_revision_of_seller")]
