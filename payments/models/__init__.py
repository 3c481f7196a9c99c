"""What it costs: a double-entry ledger that the database balances, charges, holds, and the inbox of what
providers said."""

from payments.models.charges import Charge, Hold
from payments.models.coupons import Coupon, CouponUse
from payments.models.inbox import ProviderEvent
from payments.models.invoices import Invoice, InvoicePaper, Mandate, Series
from payments.models.ledger import Account, Entry, Posting, Seal
from payments.models.methods import PaymentMethod
from payments.models.operations import CatchUp, Operation
from payments.models.payouts import Payout, PayoutAccount
from payments.models.reconciliation import BalanceLine, Difference, Reconciliation
from payments.models.refunds import Dispute, Refund
from payments.models.remittances import Remittance
from payments.models.shares import Share, Split
from payments.models.subscriptions import Arrear, RatedPeriod, Subscription, Usage
from payments.models.vat_ids import VatId

__all__ = [
    "Account",
    "Arrear",
    "BalanceLine",
    "CatchUp",
    "Charge",
    "Coupon",
    "CouponUse",
    "Difference",
    "Dispute",
    "Entry",
    "Hold",
    "Invoice",
    "InvoicePaper",
    "Mandate",
    "Operation",
    "PaymentMethod",
    "Payout",
    "PayoutAccount",
    "Posting",
    "ProviderEvent",
    "RatedPeriod",
    "Reconciliation",
    "Refund",
    "Remittance",
    "Seal",
    "Series",
    "Share",
    "Split",
    "Subscription",
    "Usage",
    "VatId",
]
