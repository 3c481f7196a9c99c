"""How VAT ids are looked up, and what a sale may rely on meanwhile."""

from infra import environment as env

EXCHANGE_VIES_URL = env.text(
    "VIES_URL",
    "",
    "The REST address of VIES, where VAT ids are checked, such as "
    "https://ec.europa.eu/taxation_customs/vies/rest-api; empty: none is.",
)
EXCHANGE_VAT_ID_POLICY = env.choice(
    "VAT_ID_POLICY",
    "charge",
    ("charge", "accept"),
    "What a sale does while a VAT id is unverified: charge VAT, or accept the id.",
)
