"""By which law the exchange decides, and who must agree before something counts at the compliance desk."""

from infra import environment as env

EXCHANGE_ADDRESS_COUNTRIES = env.text(
    "ADDRESS_COUNTRIES",
    "",
    "File with the country of each address range, as CSV or as a MaxMind database (.mmdb); empty: none.",
)
EXCHANGE_LEGAL_PROFILE = env.text(
    "LEGAL_PROFILE",
    "",
    "File with dated legal data that rules alone; empty: the newest that was installed, or the one that ships.",
)
EXCHANGE_LEGAL_PROFILE_KEY = env.text(
    "LEGAL_PROFILE_KEY",
    "",
    "Who signs the legal profiles that may be installed, as name+id+key; empty: none can be installed.",
)
EXCHANGE_BASIS_FOUR_EYES = env.boolean(
    "BASIS_FOUR_EYES",
    True,
    "A transfer basis is confirmed by another officer than the one who recorded it.",
)
EXCHANGE_REVIEWERS = env.whole(
    "REVIEWERS",
    1,
    "How many different officers must approve at the publish gate; one refusal is enough.",
    at_least=1,
    at_most=2,
)
EXCHANGE_LEGAL_HOLD_FOUR_EYES = env.boolean(
    "LEGAL_HOLD_FOUR_EYES",
    False,
    "A legal hold is released by another officer than the one who asked for its release.",
)
EXCHANGE_TIMESTAMP_URL = env.text(
    "TIMESTAMP_URL",
    "",
    "Address of a time-stamping authority (RFC 3161) that stamps the log's head daily; empty: none.",
)
EXCHANGE_TIMESTAMP_AUTHORITY = env.text(
    "TIMESTAMP_AUTHORITY",
    "",
    "PEM file with the root certificates of the time-stamping authority; needed with its address.",
)
EXCHANGE_INTERMEDIATION = env.text(
    "INTERMEDIATION",
    "",
    "Reference of the notification as a provider of data intermediation (Data Governance Act, Art. 11); empty: none.",
)
EXCHANGE_INTERMEDIATION_AUTHORITY = env.text(
    "INTERMEDIATION_AUTHORITY", "", "The authority that was notified; needed with INTERMEDIATION."
)
EXCHANGE_INTERMEDIATION_DATE = env.day(
    "INTERMEDIATION_DATE", "", "The day of the notification, such as 2026-11-22; needed with INTERMEDIATION."
)
EXCHANGE_INTERMEDIATION_ENTITY = env.text(
    "INTERMEDIATION_ENTITY",
    "",
    "The legal person that provides the intermediation, apart from other business; needed with INTERMEDIATION.",
)
