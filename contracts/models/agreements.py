"""What was signed; beside it, so that it can be erased, who the parties were; and what the contract refers to."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from contracts.models.negotiations import Negotiation, Side
from datasets.models import Dataset, Revision
from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states
from exchange.participants.models import Participant


class Agreement(models.Model):
    """The usage contract: `document` is its canonical JSON, `digest` the SHA-256 over it, `seal` the exchange's
    signature, `shared_id` the name under which both parties file it. Frozen by the database; only its state moves."""

    class State(models.TextChoices):
        SIGNED = "signed"
        TERMINATED = "terminated"

    TRANSITIONS = {
        "terminate": ({State.SIGNED}, State.TERMINATED, "agreement.terminated"),
        "supersede": ({State.SIGNED}, State.TERMINATED, "agreement.superseded"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    negotiation = models.OneToOneField(Negotiation, on_delete=models.PROTECT, related_name="agreement")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="agreements")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="agreements")
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="agreements_as_seller")
    buyer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="agreements_as_buyer")
    state = models.CharField(max_length=16, choices=State.choices, default=State.SIGNED)
    shared_id = models.CharField(max_length=64, unique=True, null=True)  # null before documents of version 2
    document = models.BinaryField()
    digest = models.CharField(max_length=64)
    seal = models.CharField(max_length=200)
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [known_states("agreement", "signed", "terminated")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "agreement": str(self.pk),
            "negotiation": str(self.negotiation_id),
            "dataset": str(self.dataset_id),
            "revision": str(self.revision_id),
            "seller": str(self.seller_id),
            "buyer": str(self.buyer_id),
            "digest": self.digest,
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id, self.buyer_id]


class AgreementParty(models.Model):
    """Who one side of a contract was. The sealed document holds the SHA-256 of `identity`, whose salt goes with it: so
    an organisation can be forgotten, once, and digest and seal still hold."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="parties")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="signed_as")
    side = models.CharField(max_length=8, choices=Side.choices)
    identity = models.TextField(null=True)
    identity_sha256 = models.CharField(max_length=64)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "side"], name="agreement_party_once"),
            models.CheckConstraint(
                condition=models.Q(identity__isnull=False, erased_at=None)
                | models.Q(identity=None, erased_at__isnull=False),
                name="agreement_party_kept_or_erased",
            ),
        ]


class Annex(models.Model):
    """A document that a contract refers to by its SHA-256, such as the profile that was advertised."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="annexes")
    name = models.CharField(max_length=80)
    media_type = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agreement", "name"], name="annex_once_per_agreement")]
