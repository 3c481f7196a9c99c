"""How money moves: who moves it, what the exchange keeps, who owes the tax, and how long a seller's part is held."""

from infra import environment as env

EXCHANGE_PAYMENT_PROVIDER = env.choice(
    "PAYMENT_PROVIDER", "off", ("off", "demo", "stripe", "manual"), "Who moves money. `demo` moves none."
)
EXCHANGE_FEE_BASIS_POINTS = env.whole(
    "FEE_BASIS_POINTS", 1000, "The exchange's part of each net price; 100 is one per cent.", at_most=10_000
)
EXCHANGE_VAT_ROLE = env.choice(
    "VAT_ROLE", "deemed_supplier", ("deemed_supplier", "intermediary"), "Who supplies the buyer, for VAT."
)
EXCHANGE_INSPECTION_DAYS = env.whole(
    "INSPECTION_DAYS", 14, "How long a buyer may contest before the hold is released.", at_most=60
)
EXCHANGE_HOLD_DAYS_AT_MOST = env.whole(
    "HOLD_DAYS_AT_MOST",
    60,
    "How old a hold may become before the operator is alarmed; providers keep money for 90 days.",
    at_least=1,
    at_most=60,
)
EXCHANGE_REFUND_POLICY = env.choice(
    "REFUND_POLICY",
    "unused",
    ("none", "unused", "any"),
    "What a buyer may ask back where the offer does not say: nothing, what was not used yet, or anything.",
)
EXCHANGE_REFUND_DAYS = env.whole(
    "REFUND_DAYS", 14, "For how many days after a payment it may be asked back.", at_least=1, at_most=365
)
EXCHANGE_RENEWAL_REMINDER_DAYS = env.whole(
    "RENEWAL_REMINDER_DAYS",
    14,
    "How many days before a further term begins its buyer is reminded that it follows, and how to stop it.",
    at_least=1,
    at_most=90,
)
EXCHANGE_DISPUTE_COST_BORNE_BY = env.choice(
    "DISPUTE_COST_BORNE_BY",
    "exchange",
    ("exchange", "sellers"),
    "Who bears what a bank takes for a dispute that was lost.",
)
EXCHANGE_STRIPE_SECRET_KEY = env.secret("STRIPE_SECRET_KEY", "Stripe's secret or restricted key.")
EXCHANGE_STRIPE_WEBHOOK_SECRET = env.secret(
    "STRIPE_WEBHOOK_SECRET",
    "Stripe's signing secrets, by commas: of each event destination, and of each that is being replaced.",
)
EXCHANGE_STRIPE_API_URL = env.text(
    "STRIPE_API_URL", "", "Address of a stand-in for Stripe, in demo mode only; empty: Stripe itself."
)
EXCHANGE_MANUAL_ROLE = env.choice(
    "MANUAL_ROLE",
    "",
    ("", "direct", "reseller"),
    "With the provider `manual`, paid by bank transfer: `direct`, the buyer pays the seller; `reseller`, the operator "
    "supplies the buyer itself. Without it that provider stays off: holding others' money needs a licence.",
)
EXCHANGE_BANK_HOLDER = env.text(
    "BANK_HOLDER", "", "Holder of the exchange's own bank account; empty: its name."
)
EXCHANGE_BANK_IBAN = env.text("BANK_IBAN", "", "IBAN of the exchange's own bank account, for `manual`.")
EXCHANGE_BANK_BIC = env.text("BANK_BIC", "", "BIC of the exchange's own bank account.")
EXCHANGE_PAYOUT_MINIMUM_MINOR = env.whole(
    "PAYOUT_MINIMUM_MINOR", 1000, "The least that is paid out, in minor units of each currency.", at_most=10**9
)
EXCHANGE_PAYOUT_COOLDOWN_DAYS = env.whole(
    "PAYOUT_COOLDOWN_DAYS", 7, "How long nothing is paid out after bank details were changed.", at_most=60
)
