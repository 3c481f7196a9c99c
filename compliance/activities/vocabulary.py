"""The codes in which a processing is declared: what data, whose, and where to. Each has its term of the W3C Data
Privacy Vocabulary 2.3, so that what is exported means the same elsewhere."""

from collections.abc import Mapping

DPV = "https://w3id.org/dpv#"
PD = "https://w3id.org/dpv/pd#"
GDPR = "https://w3id.org/dpv/legal/eu/gdpr#"

DATA: Mapping[str, str] = {
    # what the scan tells apart, under the same codes
    "email": f"{PD}EmailAddress",
    "phone": f"{PD}TelephoneNumber",
    "person_name": f"{PD}Name",
    "address": f"{PD}PhysicalAddress",
    "birth": f"{PD}BirthDate",
    "national_id": f"{PD}OfficialID",
    "bank_account": f"{PD}BankAccount",
    "payment_card": f"{PD}PaymentCard",
    "network_address": f"{PD}IPAddress",
    "health": f"{PD}Health",
    "religion": f"{PD}Religion",
    "ethnicity": f"{PD}EthnicOrigin",
    "union": f"{PD}TradeUnionMembership",
    "politics": f"{PD}PoliticalOpinion",
    "sexuality": f"{PD}Sexual",
    "biometric": f"{PD}Biometric",
    "genetic": f"{PD}Genetic",
    "criminal": f"{PD}Criminal",
    # what a seller may say besides
    "identifier": f"{PD}UID",
    "demographic": f"{PD}Demographic",
    "location": f"{PD}Location",
    "behaviour": f"{PD}Behavioural",
    "purchases": f"{PD}Purchase",
    "finances": f"{PD}FinancialStatus",
    "work": f"{PD}Professional",
    "education": f"{PD}Education",
    "family": f"{PD}Family",
    "communication": f"{PD}Communication",
    "device": f"{PD}DeviceBased",
    "picture": f"{PD}Picture",
}
SPECIAL = frozenset(
    {"health", "religion", "ethnicity", "union", "politics", "sexuality", "biometric", "genetic", "criminal"}
)
"""Article 9, and Article 10's criminal records."""

PERSONS: Mapping[str, str] = {
    "customers": f"{DPV}Customer",
    "subscribers": f"{DPV}Subscriber",
    "visitors": f"{DPV}Visitor",
    "online": f"{DPV}User",
    "employees": f"{DPV}Employee",
    "applicants": f"{DPV}JobApplicant",
    "patients": f"{DPV}Patient",
    "students": f"{DPV}Student",
    "children": f"{DPV}Child",
    "citizens": f"{DPV}Citizen",
    "members": f"{DPV}Member",
    "volunteers": f"{DPV}Participant",
    "vulnerable": f"{DPV}VulnerableDataSubject",
    "others": f"{DPV}DataSubject",
}

EEA, ADEQUATE, ANYWHERE = "eea", "adequate", "anywhere"
REACHES = (EEA, ADEQUATE, ANYWHERE)
"""How far the data may go, from near to far."""

_WITHIN = {EEA: {"eea"}, ADEQUATE: {"eea", "adequacy"}}

MECHANISMS: Mapping[str, str] = {
    "adequacy": f"{GDPR}A45-3",
    "scc": f"{GDPR}A46-2-c",
    "bcr": f"{GDPR}A46-2-b",
    "derogation": f"{GDPR}A49-1",
}


def reaches(declared: str, mechanism: str) -> bool:
    """Whether data that was declared to go so far may have gone under this mechanism."""
    return declared not in _WITHIN or mechanism in _WITHIN[declared]
