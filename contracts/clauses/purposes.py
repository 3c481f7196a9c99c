"""The purposes a buyer may declare: a closed vocabulary on the terms of the W3C Data Privacy Vocabulary, where
a wider purpose covers the narrower ones below it."""

from dataclasses import dataclass

from exchange.kernel.errors import Invalid

_DPV = "https://w3id.org/dpv#"
_OWN = "urn:comptoir:odrl:1#"


@dataclass(frozen=True)
class Purpose:
    """One purpose: its IRI, the wider purposes that cover it, and the words that follow "only for"."""

    code: str
    iri: str
    wider: tuple[str, ...]
    en: str
    fr: str


PURPOSES: dict[str, Purpose] = {
    purpose.code: purpose
    for purpose in (
        Purpose(
            "research",
            f"{_DPV}ResearchAndDevelopment",
            (),
            "research and development of any kind",
            "la recherche et le développement, quels qu’ils soient",
        ),
        Purpose(
            "academic_research",
            f"{_DPV}AcademicResearch",
            ("research",),
            "academic research",
            "la recherche universitaire",
        ),
        Purpose(
            "scientific_research",
            f"{_DPV}ScientificResearch",
            ("research",),
            "scientific research",
            "la recherche scientifique",
        ),
        Purpose(
            "commercial_research",
            f"{_DPV}CommercialResearch",
            ("research",),
            "commercial research",
            "la recherche commerciale",
        ),
        Purpose(
            "non_commercial_research",
            f"{_DPV}NonCommercialResearch",
            ("research",),
            "non-commercial research",
            "la recherche non commerciale",
        ),
        Purpose(
            "service_provision",
            f"{_DPV}ServiceProvision",
            (),
            "the provision of a service",
            "la fourniture d’un service",
        ),
        Purpose(
            "service_improvement",
            f"{_DPV}ServiceOptimisation",
            ("service_provision",),
            "the improvement of a service",
            "l’amélioration d’un service",
        ),
        Purpose(
            "internal_analytics",
            f"{_DPV}InternalResourceOptimisation",
            ("service_improvement", "service_provision"),
            "analysis to improve your own operations",
            "l’analyse en vue d’améliorer votre propre fonctionnement",
        ),
        Purpose("marketing", f"{_DPV}Marketing", (), "marketing", "le marketing"),
        Purpose("advertising", f"{_DPV}Advertising", ("marketing",), "advertising", "la publicité"),
        Purpose(
            "public_interest",
            f"{_DPV}PublicBenefit",
            (),
            "the public interest",
            "l’intérêt général",
        ),
        Purpose(
            "official_statistics",
            f"{_DPV}ProvideOfficialStatistics",
            ("public_interest",),
            "official statistics",
            "la statistique publique",
        ),
        Purpose(
            "fraud_prevention",
            f"{_DPV}FraudPreventionAndDetection",
            (),
            "the prevention and detection of fraud",
            "la prévention et la détection de la fraude",
        ),
        # The vocabulary has no purpose for training, so this one is a term of our own profile.
        Purpose(
            "model_training",
            f"{_OWN}modelTraining",
            (),
            "the training of models",
            "l’entraînement de modèles",
        ),
    )
}


def require(code: object) -> str:
    """Give the code back if it is in the vocabulary; otherwise Invalid lists what is."""
    if isinstance(code, str) and code in PURPOSES:
        return code
    raise Invalid(
        f"The purpose must be one of {', '.join(PURPOSES)}; given {ascii(code)[:80]}.", code="unknown_purpose"
    )


def covers(permitted: str, asked: str) -> bool:
    """Whether permission for one purpose permits the other: the same one, or a narrower one."""
    return permitted == asked or (asked in PURPOSES and permitted in PURPOSES[asked].wider)
