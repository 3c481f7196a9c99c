"""What lets personal data go to a country that no decision of adequacy covers: the register of transfer bases."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states
from exchange.participants.models import Participant


class TransferBasis(models.Model):
    """Standard clauses, binding corporate rules or one derogation, for one importer in one country. It counts once an
    officer has confirmed it. A derogation is for one dataset and carries one transfer, whose ids it then keeps."""

    class State(models.TextChoices):
        RECORDED = "recorded"
        CONFIRMED = "confirmed"
        SPENT = "spent"
        REVOKED = "revoked"

    class Mechanism(models.TextChoices):
        SCC = "scc"
        BCR = "bcr"
        DEROGATION = "derogation"

    TRANSITIONS = {
        "confirm": ({State.RECORDED}, State.CONFIRMED, "transferbasis.confirmed"),
        "spend": ({State.CONFIRMED}, State.SPENT, "transferbasis.used"),
        "revoke": ({State.RECORDED, State.CONFIRMED}, State.REVOKED, "transferbasis.revoked"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=16, choices=State.choices, default=State.RECORDED)
    importer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    exporter = models.ForeignKey(Participant, on_delete=models.PROTECT, null=True, related_name="+")
    country = models.CharField(max_length=2)
    mechanism = models.CharField(max_length=16, choices=Mechanism.choices)
    module = models.CharField(max_length=40, blank=True)  # of standard clauses, by the profile
    ground = models.CharField(max_length=40, blank=True)  # of a derogation, by the profile
    dataset_id = models.UUIDField(null=True)
    document = models.CharField(max_length=200)  # where the signed paper is kept
    document_sha256 = models.CharField(max_length=64, blank=True)
    assessment = models.CharField(max_length=200, blank=True)  # of the transfer's impact
    assessed_on = models.DateField(null=True)
    review_due = models.DateField(null=True)
    measures = models.TextField(blank=True)  # supplementary ones
    reasons = models.TextField(blank=True)  # why this one transfer is necessary
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    profile_version = models.CharField(max_length=200)
    profile_sha256 = models.CharField(max_length=64)
    operator_id = models.UUIDField()
    entered_by = models.CharField(max_length=80)
    entered_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=80, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_for = models.TextField(blank=True)
    agreement_id = models.UUIDField(null=True)
    transfer_id = models.UUIDField(null=True, unique=True)
    spent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "transfer basis"
        verbose_name_plural = "transfer bases"
        indexes = [models.Index(fields=["importer", "country"], name="basis_by_importer")]
        constraints = [
            known_states("transfer_basis", "recorded", "confirmed", "spent", "revoked"),
            models.CheckConstraint(
                name="transfer_basis_is_of_one_kind",
                condition=Q(mechanism="scc", ground="", dataset_id=None) & ~Q(module="")
                | Q(mechanism="bcr", module="", ground="", dataset_id=None)
                | Q(mechanism="derogation", module="", dataset_id__isnull=False)
                & ~Q(ground="")
                & ~Q(reasons=""),
            ),
            models.CheckConstraint(
                name="transfer_basis_ends_after_it_begins",
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="transfer_basis_spent_once",
                condition=Q(state="spent", mechanism="derogation", transfer_id__isnull=False)
                | ~Q(state="spent") & Q(transfer_id=None, agreement_id=None, spent_at=None),
            ),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "basis": str(self.pk),
            "importer": str(self.importer_id),
            "exporter": str(self.exporter_id) if self.exporter_id else None,
            "country": self.country,
            "mechanism": self.mechanism,
            "module": self.module or None,
            "ground": self.ground or None,
            "dataset": str(self.dataset_id) if self.dataset_id else None,
            "document_sha256": self.document_sha256 or None,
            "assessed_on": self.assessed_on.isoformat() if self.assessed_on else None,
            "review_due": self.review_due.isoformat() if self.review_due else None,
            "valid_from": self.valid_from.isoformat(),
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "legal_profile": self.profile_version,
            "profile": self.profile_sha256,
        }

    def event_parties(self) -> list[UUID]:
        named = (self.operator_id, self.importer_id, self.exporter_id)
        return list(dict.fromkeys(party for party in named if party is not None))
