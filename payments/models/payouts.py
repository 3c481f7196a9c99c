"""Where parties are paid, and what they were paid."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from exchange.kernel.states import known_states
from exchange.participants.models import Member, Participant


class PayoutAccount(models.Model):
    """Where a participant is paid at one provider. Bank details are sealed by the vault; who reads the database reads
    no more than their last four characters."""

    class State(models.TextChoices):
        WANTED = "wanted"
        ONBOARDING = "onboarding"
        READY = "ready"
        RESTRICTED = "restricted"
        REJECTED = "rejected"

    TRANSITIONS = {
        "onboard": ({State.WANTED, State.READY, State.RESTRICTED}, State.ONBOARDING, "payoutaccount.started"),
        "clear": ({State.WANTED, State.ONBOARDING, State.RESTRICTED}, State.READY, "payoutaccount.cleared"),
        "restrict": (
            {State.WANTED, State.ONBOARDING, State.READY},
            State.RESTRICTED,
            "payoutaccount.restricted",
        ),
        "reject": (
            {State.WANTED, State.ONBOARDING, State.READY, State.RESTRICTED},
            State.REJECTED,
            "payoutaccount.rejected",
        ),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="payout_accounts")
    provider = models.CharField(max_length=16)
    provider_reference = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WANTED)
    requirements = models.JSONField(default=list)  # what the provider still asks for, in its words
    bank_sealed = models.TextField(blank=True)  # wrapped by the vault
    bank_hint = models.CharField(max_length=8, blank=True)
    pays_from = models.DateTimeField(null=True)  # the end of the cool-down after a change of bank details
    failures = models.PositiveSmallIntegerField(default=0)  # payouts that failed, in a row
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            known_states("payoutaccount", "wanted", "onboarding", "ready", "restricted", "rejected"),
            models.UniqueConstraint(fields=["participant", "provider"], name="payoutaccount_once_per_provider"),
            models.UniqueConstraint(
                fields=["provider", "provider_reference"],
                condition=~Q(provider_reference=""),
                name="payoutaccount_reference_once",
            ),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "payout_account": str(self.pk),
            "party": str(self.participant_id),
            "provider": self.provider,
            "requirements": len(self.requirements),
        }

    def event_parties(self) -> list[UUID]:
        return [self.participant_id]


class Payout(models.Model):
    """Money on its way from the exchange to a party. It left the party's payable account when it was created, and
    comes back to it where it fails."""

    class State(models.TextChoices):
        CREATED = "created"
        SUBMITTED = "submitted"
        SETTLED = "settled"
        FAILED = "failed"

    TRANSITIONS = {
        "submit": ({State.CREATED}, State.SUBMITTED, "payout.submitted"),
        # a provider may tell that it has paid before its first answer was kept
        "settle": ({State.CREATED, State.SUBMITTED}, State.SETTLED, "payout.settled"),
        # a bank may send it back days after it left
        "fail": ({State.CREATED, State.SUBMITTED, State.SETTLED}, State.FAILED, "payout.failed"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(PayoutAccount, on_delete=models.PROTECT, related_name="payouts")
    party = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="payouts")
    provider = models.CharField(max_length=16)
    state = models.CharField(max_length=16, choices=State.choices, default=State.CREATED)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    bank_sealed = models.TextField(blank=True)  # where it goes, as it was when the payout was created
    needs_approval = models.BooleanField()
    proposed_by = models.CharField(max_length=80)
    proposed_member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    approved_by = models.CharField(max_length=80, blank=True)
    approved_member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    batch = models.CharField(max_length=35, blank=True)  # the file that it went to the bank in
    provider_reference = models.CharField(max_length=140, blank=True)
    failure = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("payout", "created", "submitted", "settled", "failed"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payout_moves_something"),
            models.CheckConstraint(
                condition=Q(approved_by="", approved_at=None, approved_member=None)
                | ~Q(approved_by="")
                & Q(approved_at__isnull=False)
                & ~Q(approved_by=F("proposed_by"))
                & (Q(approved_member=None) | ~Q(approved_member=F("proposed_member"))),
                name="payout_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(needs_approval=False)
                | Q(state__in=["created", "failed"])
                | Q(approved_at__isnull=False),
                name="payout_leaves_approved",
            ),
        ]
        indexes = [models.Index(fields=["party", "created_at"], name="payout_of_party")]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "payout": str(self.pk),
            "party": str(self.party_id),
            "currency": self.currency,
            "amount_minor": str(self.amount_minor),
            "provider": self.provider,
        }

    def event_parties(self) -> list[UUID]:
        return [self.party_id]
