"""The economic sectors to which an organisation may belong: the sections of NACE Rev. 2.1, as Delegated Regulation (EU)
2023/137 lists them. English titles are the regulation's, in sentence case; French ones are ours."""

from exchange.kernel.errors import Invalid
from exchange.look.formats import is_french

IRI = "http://data.europa.eu/ux2/nace2.1/"

SECTORS: dict[str, tuple[str, str]] = {
    "A": ("Agriculture, forestry and fishing", "Agriculture, sylviculture et pêche"),
    "B": ("Mining and quarrying", "Industries extractives"),
    "C": ("Manufacturing", "Industrie manufacturière"),
    "D": (
        "Electricity, gas, steam and air conditioning supply",
        "Production et distribution d’électricité, de gaz, de vapeur et d’air conditionné",
    ),
    "E": (
        "Water supply; sewerage, waste management and remediation activities",
        "Production et distribution d’eau, assainissement, gestion des déchets et dépollution",
    ),
    "F": ("Construction", "Construction"),
    "G": ("Wholesale and retail trade", "Commerce de gros et de détail"),
    "H": ("Transportation and storage", "Transports et entreposage"),
    "I": ("Accommodation and food service activities", "Hébergement et restauration"),
    "J": (
        "Publishing, broadcasting, and content production and distribution activities",
        "Édition, diffusion, production et distribution de contenus",
    ),
    "K": (
        "Telecommunication, computer programming, consulting, computing infrastructure and other information service "
        "activities",
        "Télécommunications, programmation et conseil informatiques, infrastructures informatiques et autres services "
        "d’information",
    ),
    "L": ("Financial and insurance activities", "Activités financières et d’assurance"),
    "M": ("Real estate activities", "Activités immobilières"),
    "N": (
        "Professional, scientific and technical activities",
        "Activités spécialisées, scientifiques et techniques",
    ),
    "O": (
        "Administrative and support service activities",
        "Activités de services administratifs et de soutien",
    ),
    "P": (
        "Public administration and defence; compulsory social security",
        "Administration publique et défense, sécurité sociale obligatoire",
    ),
    "Q": ("Education", "Enseignement"),
    "R": ("Human health and social work activities", "Santé humaine et action sociale"),
    "S": ("Arts, sports and recreation", "Arts, sports et activités récréatives"),
    "T": ("Other service activities", "Autres activités de services"),
    "U": (
        "Activities of households as employers and undifferentiated goods- and service-producing activities of "
        "households for own use",
        "Activités des ménages en tant qu’employeurs, et production indifférenciée de biens et de services par les "
        "ménages pour leur usage propre",
    ),
    "V": (
        "Activities of extraterritorial organisations and bodies",
        "Activités des organisations et organismes extraterritoriaux",
    ),
}
"""By code: the title in English and in French."""


def require(code: object) -> str:
    """Give the code back if it is that of a sector; else Invalid says what it wants."""
    if isinstance(code, str) and code in SECTORS:
        return code
    raise Invalid(
        f"sector must be a section of NACE Rev. 2.1, one letter from A to V; given {ascii(code)[:40]}",
        code="unknown_sector",
    )


def name(code: str, language: str) -> str:
    """The title of a sector in English ("en") or French ("fr")."""
    return SECTORS[require(code)][language == "fr"]


def choices() -> list[tuple[str, str]]:
    """Every sector in the reader's language, in the order of the codes."""
    return [(code, shown(code)) for code in SECTORS]


def shown(code: str) -> str:
    """A sector in the reader's language, with its code; a dash where there is none."""
    return f"{code} – {name(code, 'fr' if is_french() else 'en')}" if code in SECTORS else "–"
