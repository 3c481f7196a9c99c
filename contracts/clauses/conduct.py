"""The clauses about what the buyer does with the data once it is delivered. Four of them are permissions that
silence refuses."""

from contracts.clauses.access import OWN, at_most_days
from contracts.clauses.declaration import (
    Clause,
    Constraint,
    Declaration,
    Facts,
    InBrief,
    Names,
    Raw,
    Reason,
    Rules,
    Sentence,
    Side,
    Standing,
    listed,
)
from contracts.clauses.parameters import Choice, Flag, Line, Whole
from contracts.clauses.pieces import days, granted, literal, obliged, rule
from contracts.clauses.wording import NO_BREAK, number_en, number_fr

_NON_COMMERCIAL = {
    "leftOperand": "purpose",
    "operator": "isA",
    "rightOperand": {"@id": "https://w3id.org/dpv#NonCommercialPurpose"},
}


def _permission(
    kind: str, action: str, heading: Sentence, title: Sentence, yes: Sentence, no: Sentence
) -> Declaration:
    """A permission that is given or not; not mentioned, it is not given."""

    def words(clause: Clause, names: Names) -> Sentence:
        return yes if clause.flag("allowed") else no

    def rules(clause: Clause) -> Rules:
        rule = ({"action": action},)
        return Rules(permissions=rule) if clause.flag("allowed") else Rules(prohibitions=rule)

    def right(clause: Clause) -> InBrief:
        return InBrief(Side.MAY if clause.flag("allowed") else Side.MAY_NOT, title, _NOTHING)

    return Declaration(
        kind=kind,
        heading=heading,
        standing=Standing.PROMISED,
        parameters={"allowed": Flag()},
        words=words,
        rules=rules,
        reads=granted(action),
        right=right,
        is_grant=True,
        when_silent=Clause(kind, (("allowed", False),)),
    )


_NOTHING = Sentence("", "")
_NOT_FOR_COMMERCE = Sentence("For non-commercial ends only.", "À des fins non commerciales uniquement.")
_TRAINING = {
    "yes": Sentence(
        "You may train models on the data.",
        "Vous pouvez entraîner des modèles sur les données.",
    ),
    "non_commercial": Sentence(
        "You may train models on the data for non-commercial ends only.",
        "Vous pouvez entraîner des modèles sur les données à des fins non commerciales uniquement.",
    ),
    "no": Sentence(
        "You may not train models on the data.",
        "Vous ne pouvez pas entraîner de modèles sur les données.",
    ),
}


def _training_words(clause: Clause, names: Names) -> Sentence:
    return _TRAINING[clause.words("allowed")]


def _training_rules(clause: Clause) -> Rules:
    allowed = clause.words("allowed")
    rule: dict[str, object] = {"action": f"{OWN}trainModels"}
    if allowed == "no":
        return Rules(prohibitions=(rule,))
    if allowed == "non_commercial":
        rule["constraint"] = [dict(_NON_COMMERCIAL)]
    return Rules(permissions=(rule,))


def _training_of(rules: Rules) -> Raw | None:
    action = f"{OWN}trainModels"
    if rule(rules.prohibitions, action) is not None:
        return {"allowed": "no"}
    permitted = rule(rules.permissions, action)
    if permitted is None:
        return None
    return {"allowed": "non_commercial" if permitted.get("constraint") else "yes"}


def _training_against(clause: Clause, facts: Facts) -> Reason | None:
    if facts.purpose == "model_training" and clause.words("allowed") == "no":
        return Reason.PURPOSE_NOT_ALLOWED
    return None


def _training_in_brief(clause: Clause) -> InBrief:
    allowed = clause.words("allowed")
    return InBrief(
        Side.MAY_NOT if allowed == "no" else Side.MAY,
        Sentence("Train models on it", "Entraîner des modèles"),
        _NOT_FOR_COMMERCE if allowed == "non_commercial" else _NOTHING,
    )


def _attribution_words(clause: Clause, names: Names) -> Sentence:
    source = clause.words("text")
    return Sentence(
        f"Wherever you publish or pass on the data or its results, you must name the source: “{source}”.",
        "Partout où vous publiez ou transmettez les données ou leurs résultats, vous devez citer la source"
        f"{NO_BREAK}: «{NO_BREAK}{source}{NO_BREAK}».",
    )


def _attribution_rules(clause: Clause) -> Rules:
    as_written: Constraint = {
        "leftOperand": f"{OWN}attributionText",
        "operator": "eq",
        "rightOperand": clause.words("text"),
    }
    return Rules(obligations=({"action": "attribute", "constraint": [as_written]},))


def _deletion_words(clause: Clause, names: Names) -> Sentence:
    days = clause.number("days")
    en = "1 day" if days == 1 else f"{number_en(days)} days"
    fr = "Le jour" if days == 1 else f"Dans les {number_fr(days)}{NO_BREAK}jours"
    follows = "suit" if days == 1 else "suivent"
    return Sentence(
        f"Within {en} of the end of your access you must delete every copy of the data "
        "and state through the exchange that you have done so.",
        f"{fr} qui {follows} la fin de votre accès, vous devez effacer toutes les copies des données "
        "et l’attester par l’intermédiaire de la place.",
    )


def _deletion_rules(clause: Clause) -> Rules:
    after_use: Constraint = {
        "leftOperand": "event",
        "operator": "gt",
        "rightOperand": {"@id": "http://www.w3.org/ns/odrl/2/policyUsage"},
    }
    in_time: Constraint = {
        "leftOperand": "delayPeriod",
        "operator": "lteq",
        "rightOperand": at_most_days(clause.number("days")),
    }
    return Rules(
        obligations=tuple(
            {"action": action, "constraint": [after_use, in_time]} for action in ("delete", "inform")
        )
    )


CONDUCT: tuple[Declaration, ...] = (
    _permission(
        "combination",
        "aggregate",
        Sentence("Combining", "Croisement"),
        Sentence("Combine it with other data", "Les croiser avec d’autres données"),
        Sentence(
            "You may combine the data with other data.",
            "Vous pouvez croiser les données avec d’autres données.",
        ),
        Sentence(
            "You may not combine the data with other data.",
            "Vous ne pouvez pas croiser les données avec d’autres données.",
        ),
    ),
    Declaration(
        kind="model_training",
        heading=Sentence("Models", "Modèles"),
        standing=Standing.PROMISED,
        parameters={"allowed": Choice(("no", "non_commercial", "yes"))},
        words=_training_words,
        rules=_training_rules,
        reads=_training_of,
        right=_training_in_brief,
        against=_training_against,
        needs=frozenset({"purpose"}),
        is_asked=True,
        is_grant=True,
        when_silent=Clause("model_training", (("allowed", "no"),)),
    ),
    _permission(
        "publication",
        f"{OWN}publishResults",
        Sentence("Results", "Résultats"),
        Sentence("Publish results from it", "En publier des résultats"),
        Sentence(
            "You may publish results that you obtain from the data.",
            "Vous pouvez publier les résultats que vous tirez des données.",
        ),
        Sentence(
            "You may not publish results that you obtain from the data.",
            "Vous ne pouvez pas publier les résultats que vous tirez des données.",
        ),
    ),
    _permission(
        "redistribution",
        "distribute",
        Sentence("Passing on", "Transmission"),
        Sentence("Pass it on to third parties", "Les transmettre à des tiers"),
        Sentence(
            "You may pass the data on to third parties.",
            "Vous pouvez transmettre les données à des tiers.",
        ),
        Sentence(
            "You may not pass the data on to third parties, in whole or in part.",
            "Vous ne pouvez transmettre les données à aucun tiers, en tout ou en partie.",
        ),
    ),
    Declaration(
        kind="attribution",
        heading=Sentence("Source", "Source"),
        standing=Standing.PROMISED,
        parameters={"text": Line(at_most=500)},
        words=_attribution_words,
        rules=_attribution_rules,
        reads=obliged("text", "attribute", f"{OWN}attributionText", "eq", literal),
        right=listed(Side.MUST, Sentence("Name the source", "Citer la source")),
    ),
    Declaration(
        kind="deletion",
        heading=Sentence("Deletion", "Effacement"),
        # Nobody sees the deletion, but the statement, or its lack, stays in the log.
        standing=Standing.EVIDENCED,
        parameters={"days": Whole(1, 365)},
        words=_deletion_words,
        rules=_deletion_rules,
        reads=obliged("days", "delete", "delayPeriod", "lteq", days),
        right=listed(
            Side.MUST, Sentence("Delete it at the end, and say so", "Les effacer à la fin et l’attester")
        ),
    ),
)
