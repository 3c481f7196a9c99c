"""The clauses that the gateway decides before a byte leaves: who, from where, until when, how often, and for
which declared purpose."""

import ipaddress
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from contracts import countries, purposes
from contracts.clauses.declaration import (
    Clause,
    Constraint,
    Declaration,
    Facts,
    Names,
    Reason,
    Rules,
    Sentence,
    Standing,
)
from contracts.clauses.parameters import Day, Several, Whole, address_range, participant, place, purpose
from contracts.clauses.wording import NO_BREAK, day_en, day_fr, either, number_en, number_fr

OWN = "urn:comptoir:odrl:1#"
_XSD = "http://www.w3.org/2001/XMLSchema#"


def _constraint(left: str, operator: str, right: object) -> Constraint:
    return {"leftOperand": left, "operator": operator, "rightOperand": right}


def _literal(value: object, datatype: str) -> Constraint:
    return {"@value": str(value), "@type": f"{_XSD}{datatype}"}


def at_most_days(days: int) -> Constraint:
    """An ODRL right operand: a period in days."""
    return _literal(f"P{days}D", "duration")


def _purpose_words(clause: Clause, names: Names) -> Sentence:
    permitted = [purposes.PURPOSES[code] for code in clause.several("any_of")]
    if len(permitted) == 1:
        return Sentence(
            f"You may use the data only for {permitted[0].en}.",
            f"Vous ne pouvez utiliser les données que pour {permitted[0].fr}.",
        )
    return Sentence(
        f"You may use the data only for these purposes: {either([one.en for one in permitted], 'or')}.",
        "Vous ne pouvez utiliser les données que pour ces finalités"
        f"{NO_BREAK}: {either([one.fr for one in permitted], 'ou')}.",
    )


def _purpose_rules(clause: Clause) -> Rules:
    permitted = [{"@id": purposes.PURPOSES[code].iri} for code in clause.several("any_of")]
    return Rules(gate=(_constraint("purpose", "isAnyOf", permitted),))


def _purpose_against(clause: Clause, facts: Facts) -> Reason | None:
    if facts.purpose is None:
        return Reason.UNDECIDABLE
    if any(purposes.covers(permitted, facts.purpose) for permitted in clause.several("any_of")):
        return None
    return Reason.PURPOSE_NOT_ALLOWED


def _country_words(clause: Clause, names: Names) -> Sentence:
    places = clause.several("any_of")
    en = either([countries.name(place, "en") for place in places], "or")
    fr = either([countries.name(place, "fr") for place in places], "ou")
    return Sentence(
        f"You receive the data only while the verified country of your organisation is as follows: {en}.",
        "Vous ne recevez les données que tant que le pays vérifié de votre organisation est le suivant"
        f"{NO_BREAK}: {fr}.",
    )


def _country_rules(clause: Clause) -> Rules:
    return Rules(gate=(_constraint(f"{OWN}buyerCountry", "isAnyOf", list(clause.several("any_of"))),))


def _country_against(clause: Clause, facts: Facts) -> Reason | None:
    if facts.buyer_country is None:
        return Reason.UNDECIDABLE
    if any(countries.includes(place, facts.buyer_country) for place in clause.several("any_of")):
        return None
    return Reason.COUNTRY_NOT_ALLOWED


def _recipients_words(clause: Clause, names: Names) -> Sentence:
    named = [names.get(identity, identity) for identity in clause.several("any_of")]
    if len(named) == 1:
        return Sentence(
            f"Only this participant may receive the data: {named[0]}.",
            f"Seul ce participant peut recevoir les données{NO_BREAK}: {named[0]}.",
        )
    return Sentence(
        f"Only these participants may receive the data: {either(named, 'and')}.",
        f"Seuls ces participants peuvent recevoir les données{NO_BREAK}: {either(named, 'et')}.",
    )


def _recipients_rules(clause: Clause) -> Rules:
    named = [{"@id": f"urn:uuid:{identity}"} for identity in clause.several("any_of")]
    return Rules(gate=(_constraint("recipient", "isAnyOf", named),))


def _recipients_against(clause: Clause, facts: Facts) -> Reason | None:
    if facts.recipient_id is None:
        return Reason.UNDECIDABLE
    return None if str(facts.recipient_id).lower() in clause.several("any_of") else Reason.RECIPIENT_NOT_NAMED


def _addresses_words(clause: Clause, names: Names) -> Sentence:
    ranges = clause.several("any_of")
    return Sentence(
        f"The exchange delivers the data only to network addresses within {either(ranges, 'or')}.",
        "La place ne livre les données qu’à des adresses réseau comprises dans les plages suivantes"
        f"{NO_BREAK}: {either(ranges, 'ou')}.",
    )


def _addresses_rules(clause: Clause) -> Rules:
    return Rules(gate=(_constraint("virtualLocation", "isAnyOf", list(clause.several("any_of"))),))


@lru_cache(maxsize=4096)
def _network(cidr: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(cidr, strict=True)


def _addresses_against(clause: Clause, facts: Facts) -> Reason | None:
    if facts.address is None:
        return Reason.UNDECIDABLE
    address = ipaddress.ip_address(facts.address)
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return Reason.UNDECIDABLE
        address = address.ipv4_mapped or address
    if any(address in _network(cidr) for cidr in clause.several("any_of")):
        return None
    return Reason.ADDRESS_NOT_ALLOWED


def _end_of(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + timedelta(days=1)


def _end_date_words(clause: Clause, names: Names) -> Sentence:
    day = date.fromisoformat(clause.words("on"))
    return Sentence(
        f"Your access ends on {day_en(day)}. No download is possible after that day (UTC).",
        f"Votre accès prend fin le {day_fr(day)}. Aucun téléchargement n’est possible après ce jour (UTC).",
    )


def _end_date_rules(clause: Clause) -> Rules:
    end = _end_of(clause.words("on"))
    return Rules(gate=(_constraint("dateTime", "lt", _literal(f"{end:%Y-%m-%dT%H:%M:%SZ}", "dateTime")),))


def _passed(now: datetime, ends: Iterable[datetime | None]) -> bool:
    if now.utcoffset() is None:
        raise ValueError("the moment has no time zone")
    return any(end is not None and now >= end for end in ends)


def _end_date_against(clause: Clause, facts: Facts) -> Reason | None:
    return Reason.EXPIRED if _passed(facts.now, (_end_of(clause.words("on")), facts.ends_at)) else None


def _duration_words(clause: Clause, names: Names) -> Sentence:
    days = clause.number("days")
    return Sentence(
        f"Your access lasts {number_en(days)} {'day' if days == 1 else 'days'} from its activation. "
        "No download is possible after that.",
        f"Votre accès dure {number_fr(days)}{NO_BREAK}{'jour' if days == 1 else 'jours'} "
        "à compter de son activation. Aucun téléchargement n’est possible ensuite.",
    )


def _duration_rules(clause: Clause) -> Rules:
    return Rules(gate=(_constraint("elapsedTime", "lteq", at_most_days(clause.number("days"))),))


def _duration_against(clause: Clause, facts: Facts) -> Reason | None:
    if facts.active_since is None or facts.now < facts.active_since:
        return Reason.UNDECIDABLE
    end = facts.active_since + timedelta(days=clause.number("days"))
    return Reason.EXPIRED if _passed(facts.now, (end, facts.ends_at)) else None


def _copies_words(clause: Clause, names: Names) -> Sentence:
    most = clause.number("max")
    once = most == 1
    en = "once" if once else f"at most {number_en(most)} times"
    fr = "une seule fois" if once else f"{number_fr(most)}{NO_BREAK}fois au plus"
    return Sentence(
        f"You may download each file {en}. A download that breaks off goes on without being counted again.",
        f"Vous pouvez télécharger chaque fichier {fr}. "
        "Un téléchargement interrompu reprend sans être compté de nouveau.",
    )


def _copies_rules(clause: Clause) -> Rules:
    too_many = _constraint("count", "gt", _literal(clause.number("max"), "integer"))
    return Rules(prohibitions=({"action": "reproduce", "constraint": [too_many]},))


def _copies_against(clause: Clause, facts: Facts) -> Reason | None:
    if type(facts.copies_used) is not int or facts.copies_used < 0:
        return Reason.UNDECIDABLE
    return None if facts.copies_used < clause.number("max") else Reason.COPIES_SPENT


ACCESS: tuple[Declaration, ...] = (
    Declaration(
        kind="purpose",
        # The purpose is what the buyer declared; the log keeps the declaration, nobody sees the use.
        standing=Standing.EVIDENCED,
        parameters={"any_of": Several(purpose, at_most=len(purposes.PURPOSES))},
        words=_purpose_words,
        rules=_purpose_rules,
        against=_purpose_against,
    ),
    Declaration(
        kind="country",
        standing=Standing.ENFORCED,
        parameters={"any_of": Several(place, at_most=250)},
        words=_country_words,
        rules=_country_rules,
        against=_country_against,
    ),
    Declaration(
        kind="recipients",
        standing=Standing.ENFORCED,
        parameters={"any_of": Several(participant, at_most=500)},
        words=_recipients_words,
        rules=_recipients_rules,
        against=_recipients_against,
    ),
    Declaration(
        kind="addresses",
        standing=Standing.ENFORCED,
        parameters={"any_of": Several(address_range, at_most=256)},
        words=_addresses_words,
        rules=_addresses_rules,
        against=_addresses_against,
    ),
    Declaration(
        kind="end_date",
        standing=Standing.ENFORCED,
        parameters={"on": Day()},
        words=_end_date_words,
        rules=_end_date_rules,
        against=_end_date_against,
    ),
    Declaration(
        kind="duration",
        standing=Standing.ENFORCED,
        parameters={"days": Whole(1, 3650)},
        words=_duration_words,
        rules=_duration_rules,
        against=_duration_against,
    ),
    Declaration(
        kind="copies",
        standing=Standing.ENFORCED,
        parameters={"max": Whole(1, 10_000)},
        words=_copies_words,
        rules=_copies_rules,
        against=_copies_against,
    ),
)
