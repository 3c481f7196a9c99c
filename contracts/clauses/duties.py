"""The clauses that lawyers ask for: what is kept secret, checked, warranted and owed, under which law and licence.
Nobody but the two sides sees whether they are kept, except the warranty, whose two measures are in the log."""

from collections.abc import Callable, Mapping
from typing import Literal

from contracts.clauses import countries
from contracts.clauses.access import OWN
from contracts.clauses.declaration import (
    Clause,
    Declaration,
    InBrief,
    Names,
    Raw,
    Rules,
    Sentence,
    Side,
    Standing,
    listed,
)
from contracts.clauses.licences import LICENCES
from contracts.clauses.parameters import (
    Choice,
    Known,
    Line,
    Maybe,
    Parameter,
    Several,
    Whole,
    company,
    country,
    currency,
    digest,
    licence,
)
from contracts.clauses.pieces import rule, spelt, spelt_in
from contracts.clauses.wording import NO_BREAK, amount_en, amount_fr, either
from exchange.kernel.money import LARGEST_MINOR

_NOTHING = Sentence("", "")


def _duty(
    kind: str,
    heading: Sentence,
    parameters: Mapping[str, Parameter],
    words: Callable[[Clause], Sentence],
    right: Callable[[Clause], InBrief],
    *,
    action: str,
    lefts: Mapping[str, str],
    standing: Standing = Standing.PROMISED,
    fault: Callable[[Clause], str | None] = lambda clause: None,
) -> Declaration:
    """A duty whose ODRL is one obligation, with a constraint for each parameter."""
    operands = {name: f"{OWN}{left}" for name, left in lefts.items()}

    def rules(clause: Clause) -> Rules:
        constraints = spelt(clause, operands)
        return Rules(
            obligations=({"action": f"{OWN}{action}"} | ({"constraint": constraints} if constraints else {}),)
        )

    def reads(rules: Rules) -> Raw | None:
        found = rule(rules.obligations, f"{OWN}{action}")
        return None if found is None else spelt_in(found, operands)

    return Declaration(
        kind=kind,
        heading=heading,
        standing=standing,
        parameters=parameters,
        words=lambda clause, names: words(clause),
        rules=rules,
        right=right,
        reads=reads,
        fault=fault,
    )


def _years(clause: Clause) -> Sentence:
    if not clause.has("years"):
        return Sentence("and without end after it", "puis sans limite de durée")
    years = clause.number("years")
    return Sentence(
        f"and for {years} {'year' if years == 1 else 'years'} after it",
        f"puis pendant {years}{NO_BREAK}{'an' if years == 1 else 'ans'}",
    )


def _confidentiality_words(clause: Clause) -> Sentence:
    years = _years(clause)
    return Sentence(
        "You must keep the data confidential: disclose it to nobody to whom these terms do not permit you to pass "
        f"it on, as long as your access lasts {years.en}.",
        "Vous devez garder les données confidentielles, sans les révéler à quiconque ces conditions ne vous "
        f"permettent pas de les transmettre, tant que dure votre accès {years.fr}.",
    )


def _audit_words(clause: Clause) -> Sentence:
    days, times = clause.number("notice_days"), clause.number("times_a_year")
    return Sentence(
        "The seller may audit how you keep these terms, or have it done by somebody bound to secrecy: at most "
        f"{'once' if times == 1 else f'{times} times'} in twelve months, announced at least "
        f"{days} {'day' if days == 1 else 'days'} before.",
        "Le vendeur peut contrôler le respect de ces conditions, ou le faire contrôler par un tiers tenu au secret, "
        f"au plus {times}{NO_BREAK}fois en douze mois, avec un préavis d’au moins "
        f"{days}{NO_BREAK}{'jour' if days == 1 else 'jours'}.",
    )


def _governing_law_words(clause: Clause) -> Sentence:
    law, court = clause.words("law"), clause.words("court") if clause.has("court") else ""
    colon = f"{NO_BREAK}: "
    return Sentence(
        f"This contract is governed by the law of this country: {countries.name(law, 'en')}."
        + (f" Disputes go to this court: {court}." if court else ""),
        f"Ce contrat est régi par le droit du pays suivant{colon}{countries.name(law, 'fr')}."
        + (f" Les litiges sont portés devant cette juridiction{colon}{court}." if court else ""),
    )


def _liability_words(clause: Clause) -> Sentence:
    minor, code = clause.number("amount_minor"), clause.words("currency")
    return Sentence(
        f"Neither side owes the other more than {amount_en(minor, code)} in damages under this contract, save where "
        "the law allows no limit.",
        f"Aucune des parties ne doit à l’autre plus de {amount_fr(minor, code)} de dommages-intérêts au titre de ce "
        "contrat, sauf là où la loi n’admet pas de limite.",
    )


def _warranty_words(clause: Clause) -> Sentence:
    rows, filled = clause.number("rows_percent"), clause.number("filled_percent")
    return Sentence(
        "The seller warrants that the data has the measured profile that this contract names: of its rows, at least "
        f"{rows}%, and of the filled values of each of its columns, at least {filled}%.",
        "Le vendeur garantit que les données ont le profil mesuré que nomme ce contrat, avec au moins "
        f"{rows}{NO_BREAK}% de ses lignes et, pour chacune de ses colonnes, au moins {filled}{NO_BREAK}% de ses "
        "valeurs renseignées.",
    )


def _licence_words(clause: Clause) -> Sentence:
    if clause.has("spdx"):
        known = LICENCES[clause.words("spdx")]
        en, fr = f"The licence {known.spdx} ({known.title})", f"La licence {known.spdx} ({known.title})"
    else:
        title, sha256 = clause.words("title"), clause.words("sha256")
        en = f"The document “{title}” with the SHA-256 {sha256}"
        fr = f"Le document «{NO_BREAK}{title}{NO_BREAK}» dont l’empreinte SHA-256 est {sha256}"
    return Sentence(
        f"{en} is part of this contract. Where it and these clauses differ, the narrower of the two holds.",
        f"{fr} fait partie de ce contrat. Là où ces clauses disent autre chose, la règle la plus stricte l’emporte.",
    )


def _licence_fault(clause: Clause) -> str | None:
    given = [name for name in ("spdx", "sha256", "title") if clause.has(name)]
    if given in (["spdx"], ["sha256", "title"]):
        return None
    return "it takes either spdx, or sha256 and title"


_DERIVED = {
    "no": Sentence(
        "You may not make works that contain the data, or a substantial part of it, in altered form.",
        "Vous ne pouvez pas créer d’œuvres qui contiennent, sous une forme modifiée, les données ou une part "
        "substantielle de celles-ci.",
    ),
    "internal": Sentence(
        "You may make works that contain the data, or a substantial part of it, in altered form, "
        "and use them inside your own organisation only.",
        "Vous pouvez créer des œuvres qui contiennent, sous une forme modifiée, les données ou une part "
        "substantielle de celles-ci, pour le seul usage de votre propre organisation.",
    ),
    "yes": Sentence(
        "You may make works that contain the data, or a substantial part of it, in altered form, and pass them on.",
        "Vous pouvez créer des œuvres qui contiennent, sous une forme modifiée, les données ou une part "
        "substantielle de celles-ci, et les transmettre.",
    ),
}


def _derived_words(clause: Clause, names: Names) -> Sentence:
    said = _DERIVED[clause.words("allowed")]
    if not clause.has("licence"):
        return said
    spdx = clause.words("licence")
    return Sentence(
        f"{said.en} Whoever receives them must receive them under the licence {spdx}.",
        f"{said.fr} Quiconque les reçoit doit les recevoir sous la licence {spdx}.",
    )


def _derived_in_brief(clause: Clause) -> InBrief:
    allowed = clause.words("allowed")
    title = Sentence("Make derived works from it", "En tirer des œuvres dérivées")
    if allowed == "internal":
        return InBrief(
            Side.MAY, title, Sentence("Inside your own organisation.", "Au sein de votre propre organisation.")
        )
    if not clause.has("licence"):
        return InBrief(Side.MAY if allowed == "yes" else Side.MAY_NOT, title, _NOTHING)
    spdx = clause.words("licence")
    return InBrief(Side.MAY, title, Sentence(f"Under the licence {spdx}.", f"Sous la licence {spdx}."))


def _derived_fault(clause: Clause) -> str | None:
    if clause.has("licence") and clause.words("allowed") != "yes":
        return 'a licence goes with "allowed": "yes" alone'
    return None


_SUB_PROCESSORS = {
    "none": Sentence(
        "You may not have the data processed by others on your behalf.",
        "Vous ne pouvez pas faire traiter les données par d’autres pour votre compte.",
    ),
    "any": Sentence(
        "You may have the data processed by others on your behalf, under these same terms. You answer for them.",
        "Vous pouvez faire traiter les données par d’autres pour votre compte, aux mêmes conditions. "
        "Vous en répondez.",
    ),
}


def _sub_processors_words(clause: Clause, names: Names) -> Sentence:
    allowed = clause.words("allowed")
    if allowed != "named":
        return _SUB_PROCESSORS[allowed]
    named = clause.several("names")
    return Sentence(
        "Only these may process the data on your behalf, under these same terms, and you answer for them: "
        f"{either(named, 'and')}.",
        "Seuls peuvent traiter les données pour votre compte, aux mêmes conditions et sous votre responsabilité"
        f"{NO_BREAK}: {either(named, 'et')}.",
    )


def _sub_processors_in_brief(clause: Clause) -> InBrief:
    allowed = clause.words("allowed")
    title = Sentence("Have others process it for you", "Les faire traiter par d’autres")
    side = Side.MAY_NOT if allowed == "none" else Side.MAY
    return InBrief(side, title, _NOTHING if allowed == "none" else None)


def _sub_processors_fault(clause: Clause) -> str | None:
    if (clause.words("allowed") == "named") != clause.has("names"):
        return 'names go with "allowed": "named", and it with them'
    return None


def _graded(
    action: str, no: str, half: tuple[str, str], lefts: Mapping[str, str]
) -> tuple[Callable[[Clause], Rules], Callable[[Rules], Raw | None]]:
    """ODRL of a grant in three grades: prohibited for `no`, permitted for the others, with a constraint that marks the
    middle one, and back."""
    grade, middle = f"{OWN}{half[0]}", half[1]
    operands = {name: f"{OWN}{left}" for name, left in lefts.items()}
    mark = {"leftOperand": grade, "operator": "eq", "rightOperand": middle}

    def rules(clause: Clause) -> Rules:
        allowed = clause.words("allowed")
        if allowed == no:
            return Rules(prohibitions=({"action": action},))
        constraints = [*([mark] if allowed == middle else []), *spelt(clause, operands)]
        return Rules(permissions=({"action": action} | ({"constraint": constraints} if constraints else {}),))

    def reads(rules: Rules) -> Raw | None:
        if (found := rule(rules.permissions, action)) is not None:
            is_middle = any(one["leftOperand"] == grade for one in found.get("constraint", []))
            return {"allowed": middle if is_middle else _MOST[no]} | spelt_in(found, operands)
        return {"allowed": no} if rule(rules.prohibitions, action) is not None else None

    return rules, reads


_MOST: dict[str, Literal["yes", "any"]] = {"no": "yes", "none": "any"}
_derived_rules, _derived_reads = _graded(
    "derive", "no", ("derivedUse", "internal"), {"licence": "derivedLicence"}
)
_sub_rules, _sub_reads = _graded(
    f"{OWN}useSubProcessors", "none", ("subProcessorsAre", "named"), {"names": "subProcessor"}
)

DUTIES: tuple[Declaration, ...] = (
    Declaration(
        kind="derived_works",
        heading=Sentence("Derived works", "Œuvres dérivées"),
        standing=Standing.PROMISED,
        parameters={"allowed": Choice(("no", "internal", "yes")), "licence": Maybe(Known(licence))},
        words=_derived_words,
        rules=_derived_rules,
        right=_derived_in_brief,
        is_grant=True,
        fault=_derived_fault,
        reads=_derived_reads,
        when_silent=Clause("derived_works", (("allowed", "no"),)),
    ),
    Declaration(
        kind="sub_processors",
        heading=Sentence("Sub-processors", "Sous-traitants"),
        standing=Standing.PROMISED,
        parameters={
            "allowed": Choice(("none", "named", "any")),
            "names": Maybe(Several(company, at_most=50)),
        },
        words=_sub_processors_words,
        rules=_sub_rules,
        right=_sub_processors_in_brief,
        is_grant=True,
        fault=_sub_processors_fault,
        reads=_sub_reads,
        when_silent=Clause("sub_processors", (("allowed", "none"),)),
    ),
    _duty(
        "confidentiality",
        Sentence("Secrecy", "Confidentialité"),
        {"years": Maybe(Whole(1, 99))},
        _confidentiality_words,
        listed(Side.MUST, Sentence("Keep it confidential", "Les garder confidentielles")),
        action="keepConfidential",
        lefts={"years": "yearsAfterTheEnd"},
    ),
    _duty(
        "audit",
        Sentence("Audit", "Contrôle"),
        {"notice_days": Whole(1, 180), "times_a_year": Whole(1, 12)},
        _audit_words,
        listed(Side.MUST, Sentence("Let the seller audit you", "Accepter un contrôle du vendeur")),
        action="acceptAudit",
        lefts={"notice_days": "noticeDays", "times_a_year": "timesAYear"},
    ),
    _duty(
        "licence",
        Sentence("Licence", "Licence"),
        {
            "spdx": Maybe(Known(licence)),
            "sha256": Maybe(Known(digest)),
            "title": Maybe(Line(at_most=200)),
        },
        _licence_words,
        listed(Side.MUST, Sentence("Keep to the licence too", "Respecter aussi la licence")),
        action="keepToLicence",
        lefts={"spdx": "spdxId", "sha256": "sha256", "title": "documentTitle"},
        fault=_licence_fault,
    ),
    _duty(
        "warranty",
        Sentence("Warranty", "Garantie"),
        {"rows_percent": Whole(0, 100), "filled_percent": Whole(0, 100)},
        _warranty_words,
        listed(
            Side.MAY, Sentence("Hold the seller to the measured profile", "Exiger le profil mesuré du vendeur")
        ),
        action="warrantProfile",
        lefts={"rows_percent": "rowsPercent", "filled_percent": "filledPercent"},
        # Both measures are taken by the exchange: the one signed, and the one of what was delivered.
        standing=Standing.EVIDENCED,
    ),
    _duty(
        "liability",
        Sentence("Liability", "Responsabilité"),
        {"amount_minor": Whole(0, LARGEST_MINOR - 1), "currency": Known(currency)},
        _liability_words,
        listed(Side.MAY_NOT, Sentence("Claim more than was agreed", "Réclamer plus que convenu")),
        action="limitLiability",
        lefts={"amount_minor": "amountMinor", "currency": "currency"},
    ),
    _duty(
        "governing_law",
        Sentence("Law", "Droit applicable"),
        {"law": Known(country), "court": Maybe(Line(at_most=200))},
        _governing_law_words,
        listed(Side.MUST, Sentence("Settle disputes under this law", "Régler les litiges selon ce droit")),
        action="settleDisputes",
        lefts={"law": "law", "court": "court"},
    ),
)
