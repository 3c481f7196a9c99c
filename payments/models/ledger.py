"""The double-entry ledger: accounts, postings, their entries and seals."""

from django.db import models
from django.db.models import Q

from exchange.kernel.ids import new_id
from exchange.participants.models import Participant


class Account(models.Model):
    """Where money stands, in one currency: of the exchange, at one provider, or of one participant. Debits are
    positive. Only a guarded account keeps a balance, which may never be overdrawn (never a debit balance)."""

    class Code(models.TextChoices):
        CLEARING = "clearing"  # at a provider
        IN_TRANSIT = "in_transit"  # left for a seller, not yet seen in the provider's balance
        VAT_PAYABLE = "vat_payable"
        PLATFORM_FEE = "platform_fee"
        PROCESSOR_COST = "processor_cost"  # what a provider takes
        DISPUTE_SUSPENSE = "dispute_suspense"  # taken by a bank until a dispute ends
        DISPUTE_COST = "dispute_cost"
        SELLER_HELD = "seller_held"
        SELLER_PAYABLE = "seller_payable"
        SELLER_RECEIVABLE = "seller_receivable"  # what a seller owes, set off against what it is paid next
        BUYER_PREPAID = "buyer_prepaid"

    GUARDED = frozenset({"seller_held", "seller_payable", "buyer_prepaid"})
    OWNED = GUARDED | {"seller_receivable"}  # a participant's
    AT_A_PROVIDER = frozenset({"clearing", "in_transit"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=24, choices=Code.choices)
    owner = models.ForeignKey(Participant, on_delete=models.PROTECT, null=True, related_name="accounts")
    provider = models.CharField(max_length=16, blank=True)
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
                fields=["code", "provider", "currency"],
                condition=Q(owner=None),
                name="account_once_for_the_exchange",
            ),
            models.CheckConstraint(
                condition=Q(code__in=["clearing", "in_transit"], owner=None, is_guarded=False) & ~Q(provider="")
                | Q(
                    code__in=[
                        "vat_payable",
                        "platform_fee",
                        "processor_cost",
                        "dispute_suspense",
                        "dispute_cost",
                    ],
                    owner=None,
                    is_guarded=False,
                    provider="",
                )
                | Q(
                    code__in=["seller_held", "seller_payable", "buyer_prepaid"],
                    owner__isnull=False,
                    is_guarded=True,
                    provider="",
                )
                | Q(code="seller_receivable", owner__isnull=False, is_guarded=False, provider=""),
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
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120, unique=True)  # a second posting under one key is a replay
    payload_hash = models.CharField(max_length=64)
    reference = models.CharField(max_length=80)
    reverses = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, db_index=False, related_name="reversals"
    )
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(seal=models.F("id")), name="posting_own_seal"),
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="posting_reversed_once"
            ),
        ]
        indexes = [models.Index(fields=["reference"], name="posting_about")]


class Entry(models.Model):
    """One line of a posting: debit positive, credit negative."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    posting = models.ForeignKey(Posting, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount_minor=0), name="entry_moves_something")]
