"""What a seller may begin an offer with: terms of the usual kinds, and what well-known licences say, as clauses. They
are copied from, never referred to, so a changed one touches nothing that was written with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from contracts.clauses import licences
from contracts.clauses.declaration import Sentence
from contracts.clauses.licences import Licence
from contracts.terms import terms as usage_terms
from contracts.terms.terms import Terms
from exchange.kernel.errors import NotFound

Raw: TypeAlias = dict[str, Any]

_NON_COMMERCIAL = ["academic_research", "non_commercial_research", "official_statistics", "public_interest"]
_SHARE_ALIKE = {"CC-BY-SA-4.0", "CC-BY-NC-SA-4.0", "ODbL-1.0", "CDLA-Sharing-1.0"}
_WITHOUT_SOURCE = {"CC0-1.0", "PDDL-1.0", "CDLA-Permissive-2.0", "CDLA-Sharing-1.0"}


@dataclass(frozen=True)
class Template:
    """Terms to begin with. `clauses` writes them for a source that is to be named."""

    code: str
    name: Sentence
    note: Sentence
    clauses: Callable[[str], list[Raw]]


def _licensed(licence: Licence, source: str) -> list[Raw]:
    """What a licence permits and asks for, and the licence itself."""
    is_commercial, may_alter = "-NC" not in licence.spdx, "-ND" not in licence.spdx
    derived: Raw = {"kind": "derived_works", "allowed": "yes" if may_alter else "internal"}
    if licence.spdx in _SHARE_ALIKE:
        derived["licence"] = licence.spdx
    found: list[Raw] = [
        {"kind": "combination", "allowed": True},
        {"kind": "publication", "allowed": True},
        {"kind": "redistribution", "allowed": True},
        {"kind": "model_training", "allowed": "yes" if is_commercial else "non_commercial"},
        derived,
        {"kind": "licence", "spdx": licence.spdx},
    ]
    if not is_commercial:
        found.append({"kind": "purpose", "any_of": _NON_COMMERCIAL})
    if licence.spdx not in _WITHOUT_SOURCE:
        found.append({"kind": "attribution", "text": source})
    return found


def _open_data(source: str) -> list[Raw]:
    return _licensed(licences.LICENCES["CC-BY-4.0"], source)


def _internal_use(source: str) -> list[Raw]:
    return [
        {"kind": "purpose", "any_of": ["internal_analytics", "service_improvement"]},
        {"kind": "derived_works", "allowed": "internal"},
        {"kind": "duration", "days": 365},
        {"kind": "confidentiality", "years": 3},
        {"kind": "deletion", "days": 30},
    ]


def _research(source: str) -> list[Raw]:
    return [
        {"kind": "purpose", "any_of": ["academic_research", "non_commercial_research", "scientific_research"]},
        {"kind": "combination", "allowed": True},
        {"kind": "publication", "allowed": True},
        {"kind": "model_training", "allowed": "non_commercial"},
        {"kind": "derived_works", "allowed": "internal"},
        {"kind": "attribution", "text": source},
        {"kind": "duration", "days": 730},
        {"kind": "deletion", "days": 60},
    ]


def _commercial(source: str) -> list[Raw]:
    return [
        {"kind": "combination", "allowed": True},
        {"kind": "publication", "allowed": True},
        {"kind": "derived_works", "allowed": "yes"},
        {"kind": "duration", "days": 365},
        {"kind": "audit", "notice_days": 30, "times_a_year": 1},
        {"kind": "warranty", "rows_percent": 95, "filled_percent": 95},
        {"kind": "deletion", "days": 30},
    ]


def _model_training(source: str) -> list[Raw]:
    return [
        {"kind": "purpose", "any_of": ["model_training", "research"]},
        {"kind": "model_training", "allowed": "yes"},
        {"kind": "combination", "allowed": True},
        {"kind": "derived_works", "allowed": "internal"},
        {"kind": "duration", "days": 365},
        {"kind": "confidentiality"},
        {"kind": "deletion", "days": 30},
    ]


def _personal_data(source: str) -> list[Raw]:
    return [
        {"kind": "purpose", "any_of": ["academic_research", "scientific_research", "official_statistics"]},
        {"kind": "use_country", "any_of": ["EEA", "ADEQUATE"]},
        {"kind": "copies", "max": 2},
        {"kind": "duration", "days": 365},
        {"kind": "confidentiality"},
        {"kind": "sub_processors", "allowed": "none"},
        {"kind": "audit", "notice_days": 14, "times_a_year": 2},
        {"kind": "deletion", "days": 30},
    ]


TEMPLATES: dict[str, Template] = {
    template.code: template
    for template in (
        Template(
            "open_data",
            Sentence("Open data", "Données ouvertes"),
            Sentence(
                "Everybody may do nearly everything and names the source (CC BY 4.0).",
                "Presque tout est permis à tous, en citant la source (CC BY 4.0).",
            ),
            _open_data,
        ),
        Template(
            "internal_use",
            Sentence("Internal use", "Usage interne"),
            Sentence(
                "For the buyer’s own analysis, kept confidential, for a year.",
                "Pour les analyses de l’acheteur, de façon confidentielle, pendant un an.",
            ),
            _internal_use,
        ),
        Template(
            "research",
            Sentence("Research", "Recherche"),
            Sentence(
                "Non-commercial; results may be published with the source, for two years.",
                "Non commerciale ; les résultats peuvent être publiés avec la source, pendant deux ans.",
            ),
            _research,
        ),
        Template(
            "commercial",
            Sentence("Commercial use", "Usage commercial"),
            Sentence(
                "For products of the buyer’s own, with a warranty and an audit, for a year.",
                "Pour les produits de l’acheteur, avec garantie et contrôle, pendant un an.",
            ),
            _commercial,
        ),
        Template(
            "model_training",
            Sentence("Model training", "Entraînement de modèles"),
            Sentence(
                "Models may be trained, also for commercial ends; the data stays with the buyer.",
                "L’entraînement de modèles est permis, même commercial ; les données restent chez l’acheteur.",
            ),
            _model_training,
        ),
        Template(
            "personal_data",
            Sentence("Personal data", "Données personnelles"),
            Sentence(
                "Used in the EEA or where its level is met, two copies, no sub-processors. Add your standard "
                "contractual clauses as a document of yours.",
                "Utilisées dans l’EEE ou à un niveau équivalent, deux copies, sans sous-traitants. Joignez vos clauses "
                "contractuelles types comme document.",
            ),
            _personal_data,
        ),
    )
}


def terms_of(start: str, *, source: str) -> Terms:
    """The terms of a template, or of a licence by its SPDX id; NotFound for any other word."""
    if start in TEMPLATES:
        return usage_terms.parse(TEMPLATES[start].clauses(source))
    if start in licences.LICENCES:
        return usage_terms.parse(_licensed(licences.LICENCES[start], source))
    raise NotFound("there is no template of this name")
