"""What it costs: a double-entry ledger that the database balances, charges, holds, and the inbox of what
providers said."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import Q

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from exchange.kernel.states import known_states
from exchange.participants.models import Participant


class Account(models.Model):
    """Where money stands, in one currency: of the exchange, or of one participant. Debits are positive. Only a
    guarded account keeps a balance, which may never be overdrawn (never a debit balance)."""

    class Code(models.TextChoices):
        CLEARING = "clearing"  # at the provider
        VAT_PAYABLE = "vat_payable"
        PLATFORM_FEE = "platform_fee"
        SELLER_HELD = "seller_held"  # guarded
        SELLER_PAYABLE = "seller_payable"  # guarded

    OWNED = frozenset({"seller_held", "seller_payable"})  # a participant's, and guarded

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=24, choices=Code.choices)
    owner = models.ForeignKey(Participant, on_delete=models.PROTECT, null=True, related_name="accounts")
    currency = models.CharField(max_length=3)
    is_guarded = models.BooleanField()
    balance_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "owner", "currency"],
                name="account_once_per_owner",
                condition=Q(owner__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["code", "currency"], condition=Q(owner=None), name="account_once_for_the_exchange"
            ),
            models.CheckConstraint(
                condition=Q(code__in=["clearing", "vat_payable", "platform_fee"], owner=None, is_guarded=False)
                | Q(code__in=["seller_held", "seller_payable"], owner__isnull=False, is_guarded=True),
                name="account_code_known",
            ),
            models.CheckConstraint(
                condition=Q(is_guarded=False) | Q(balance_minor__lte=0), name="account_not_overdrawn"
            ),
        ]


class Seal(models.Model):
    """Says that a posting is whole. The database inserts it only where the posting has two entries or more
    that sum to zero per currency, and commits no posting without one. `id` is the posting's."""

    id = models.UUIDField(primary_key=True)


class Posting(models.Model):
    """One booking: entries that balance. Never changed; a correction is another posting."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seal = models.OneToOneField(Seal, on_delete=models.PROTECT, related_name="posting")
    kind = models.CharField(max_length=32)
    key = models.CharField(max_length=120, unique=True)  # a second posting under one key is a replay
    payload_hash = models.CharField(max_length=64)
    reference = models.CharField(max_length=80)
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(seal=models.F("id")), name="posting_own_seal")]


class Entry(models.Model):
    """One line of a posting: debit positive, credit negative."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    posting = models.ForeignKey(Posting, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount_minor=0), name="entry_moves_something")]


class Charge(models.Model):
    """Money asked of a buyer for what `reference` names. Net, tax and fee are frozen when it is created."""

    class State(models.TextChoices):
        CREATED = "created"
        SUBMITTED = "submitted"
        PAID = "paid"
        FAILED = "failed"

    class VatRole(models.TextChoices):
        DEEMED_SUPPLIER = "deemed_supplier"  # the exchange supplies the buyer, the seller supplies the exchange
        INTERMEDIARY = "intermediary"  # the seller supplies the buyer

    TRANSITIONS = {
        "submit": ({State.CREATED}, State.SUBMITTED, "charge.submitted"),
        # money that arrives counts, also after a failure was told first
        "settle": ({State.CREATED, State.SUBMITTED, State.FAILED}, State.PAID, "charge.paid"),
        "fail": ({State.CREATED, State.SUBMITTED}, State.FAILED, "charge.failed"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference = models.CharField(max_length=80, unique=True)  # "agreement:<uuid>"
    payer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="charges_to_pay")
    payee = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="charges_to_receive")
    state = models.CharField(max_length=16, choices=State.choices, default=State.CREATED)
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()  # the exchange's part of net
    vat_role = models.CharField(max_length=16, choices=VatRole.choices)
    vat_treatment = models.CharField(max_length=24)  # "domestic", "reverse_charge", "outside_scope"
    vat_rate_basis_points = models.PositiveIntegerField()
    provider = models.CharField(max_length=16)
    provider_reference = models.CharField(max_length=120, blank=True)
    inspection_seconds = models.PositiveIntegerField()
    failure = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("charge", "created", "submitted", "paid", "failed"),
            models.CheckConstraint(
                condition=Q(gross_minor=models.F("net_minor") + models.F("tax_minor"))
                & Q(net_minor__gt=0)
                & Q(tax_minor__gte=0)
                & Q(fee_minor__gte=0)
                & Q(fee_minor__lte=models.F("net_minor")),
                name="charge_adds_up",
            ),
        ]

    @property
    def net(self) -> Money:
        return Money(self.net_minor, self.currency)

    @property
    def tax(self) -> Money:
        return Money(self.tax_minor, self.currency)

    @property
    def gross(self) -> Money:
        return Money(self.gross_minor, self.currency)

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "charge": str(self.pk),
            "reference": self.reference,
            "buyer": str(self.payer_id),
            "seller": str(self.payee_id),
            "currency": self.currency,
            "net_minor": str(self.net_minor),
            "tax_minor": str(self.tax_minor),
            "gross_minor": str(self.gross_minor),
            "vat_role": self.vat_role,
            "provider": self.provider,
        }

    def event_parties(self) -> list[UUID]:
        return [self.payer_id, self.payee_id]


class Hold(models.Model):
    """The seller's part of a paid charge, kept back until the buyer confirms or the inspection window ends."""

    class State(models.TextChoices):
        OPEN = "open"
        CONTESTED = "contested"
        RELEASED = "released"
        RETURNED = "returned"

    TRANSITIONS = {
        "contest": ({State.OPEN}, State.CONTESTED, "hold.contested"),
        "settle": ({State.CONTESTED}, State.OPEN, "hold.settled"),
        "release": ({State.OPEN}, State.RELEASED, "hold.released"),
        "give_back": ({State.OPEN, State.CONTESTED}, State.RETURNED, "hold.returned"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    charge = models.OneToOneField(Charge, on_delete=models.PROTECT, related_name="hold")
    reference = models.CharField(max_length=80, unique=True)
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="holds_as_seller")
    buyer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="holds_as_buyer")
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    releases_at = models.DateTimeField()
    reason = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [known_states("hold", "open", "contested", "released", "returned")]
        indexes = [models.Index(fields=["state", "releases_at"], name="hold_to_release")]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    def event_facts(self) -> Mapping[str, Fact]:
        """Without the amount: with it the buyer, who is a party, could tell the exchange's part."""
        return {
            "hold": str(self.pk),
            "charge": str(self.charge_id),
            "reference": self.reference,
            "seller": str(self.seller_id),
            "buyer": str(self.buyer_id),
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id, self.buyer_id]


class ProviderEvent(models.Model):
    """What a payment provider told us, kept once under its own id, acted on later. `outcome` says what came of
    it, in one word."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.CharField(max_length=16)
    external_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=64)
    payload = models.JSONField()
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "external_id"], name="provider_event_once")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {"provider": self.provider, "kind": self.kind}

    def event_parties(self) -> list[UUID]:
        return []
