"""The clauses that the gateway decides before a byte leaves: who, from where, until when, how often, and for
which declared purpose."""

import ipaddress
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from contracts.clauses import countries, purposes
from contracts.clauses.declaration import (
    Clause,
    Constraint,
    Declaration,
    Facts,
    InBrief,
    Names,
    Reason,
    Rules,
    Sentence,
    Side,
    Standing,
    listed,
)
from contracts.clauses.parameters import Day, Several, Whole, address_range, participant, place, purpose
from contracts.clauses.pieces import among, any_of, barred, day_before, days, gated, iri, whole
from contracts.clauses.wording import NO_BREAK, day_en, day_fr, either, number_en, number_fr

OWN = "urn:comptoir:odrl:1#"
GOES_ON = Sentence(
    "A download that breaks off goes on without being counted again.",
    "Un téléchargement interrompu reprend sans être compté de nouveau.",
)
_BOTH_IN_PLACE = Sentence(
    "Counted from the moment at which data and money are both in place.",
    "À compter du moment où données et argent sont tous deux en place.",
)
_NOTHING = Sentence("", "")
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
    return Rules(gate=(among("purpose", permitted),))


def _purpose_of(operand: object) -> object:
    return next((code for code, known in purposes.PURPOSES.items() if known.iri == iri(operand)), operand)


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
    return Rules(gate=(among(f"{OWN}buyerCountry", clause.several("any_of")),))


def _country_against(clause: Clause, facts: Facts) -> Reason | None:
    if facts.buyer_country is None:
        return Reason.UNDECIDABLE
    return None if is_within(clause, facts.buyer_country, facts) else Reason.COUNTRY_NOT_ALLOWED


def is_within(clause: Clause, country: str, facts: Facts) -> bool:
    """Whether a country is one of the places named, or belongs to one; KeyError where nobody knows."""
    places = clause.several("any_of")
    # A country that is named itself needs nobody who knows the groups.
    named = country in places and country not in countries.GROUPS
    return named or any(countries.includes(place, country, facts.groups or {}) for place in places)


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
    return Rules(gate=(among("recipient", named),))


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
    return Rules(gate=(among("virtualLocation", clause.several("any_of")),))


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


def _passed(now: datetime, end: datetime) -> bool:
    if now.utcoffset() is None:
        raise ValueError("the moment has no time zone")
    return now >= end


def _end_date_against(clause: Clause, facts: Facts) -> Reason | None:
    return Reason.EXPIRED if _passed(facts.now, _end_of(clause.words("on"))) else None


def _end_date_in_brief(clause: Clause) -> InBrief:
    day = date.fromisoformat(clause.words("on"))
    title = Sentence(f"Download after {day_en(day)}", f"Les télécharger après le {day_fr(day)}")
    return InBrief(Side.MAY_NOT, title, _NOTHING)


def _duration_words(clause: Clause, names: Names) -> Sentence:
    days = clause.number("days")
    return Sentence(
        f"Your access lasts {number_en(days)} {'day' if days == 1 else 'days'} from its activation. "
        "No download is possible after that.",
        f"Votre accès dure {number_fr(days)}{NO_BREAK}{'jour' if days == 1 else 'jours'} "
        "à compter de son activation. Aucun téléchargement n’est possible ensuite.",
    )


def _duration_rules(clause: Clause) -> Rules:
    return Rules(gate=(_constraint("elapsedTime", "lt", at_most_days(clause.number("days"))),))


def _duration_against(clause: Clause, facts: Facts) -> Reason | None:
    end = _end_of_duration(clause, facts)
    if end is None or facts.active_since is None or facts.now < facts.active_since:
        return Reason.UNDECIDABLE
    return Reason.EXPIRED if _passed(facts.now, end) else None


def _end_of_duration(clause: Clause, facts: Facts) -> datetime | None:
    return facts.active_since and facts.active_since + timedelta(days=clause.number("days"))


def _duration_in_brief(clause: Clause) -> InBrief:
    days = clause.number("days")
    title = Sentence(
        f"Download after {number_en(days)} {'day' if days == 1 else 'days'}",
        f"Les télécharger au-delà de {number_fr(days)}{NO_BREAK}{'jour' if days == 1 else 'jours'}",
    )
    return InBrief(Side.MAY_NOT, title, _BOTH_IN_PLACE)


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


def _copies_in_brief(clause: Clause) -> InBrief:
    most = clause.number("max")
    title = Sentence(
        f"Download each file {'once' if most == 1 else f'{number_en(most)} times'}",
        f"Télécharger chaque fichier {'une' if most == 1 else number_fr(most)}{NO_BREAK}fois",
    )
    return InBrief(Side.MAY, title, GOES_ON)


ACCESS: tuple[Declaration, ...] = (
    Declaration(
        kind="purpose",
        heading=Sentence("Purpose", "Finalité"),
        # The purpose is what the buyer declared; the log keeps the declaration, nobody sees the use.
        standing=Standing.EVIDENCED,
        parameters={"any_of": Several(purpose, at_most=len(purposes.PURPOSES))},
        words=_purpose_words,
        rules=_purpose_rules,
        reads=any_of("purpose", _purpose_of),
        right=listed(
            Side.MUST, Sentence("Keep to the permitted purposes", "Vous en tenir aux finalités permises")
        ),
        against=_purpose_against,
        needs=frozenset({"purpose"}),
        is_asked=True,
    ),
    Declaration(
        kind="country",
        heading=Sentence("Country", "Pays"),
        standing=Standing.ENFORCED,
        parameters={"any_of": Several(place, at_most=250)},
        words=_country_words,
        rules=_country_rules,
        reads=any_of(f"{OWN}buyerCountry"),
        right=listed(
            Side.MUST, Sentence("Be established where it is permitted", "Être établi là où c’est permis")
        ),
        against=_country_against,
        needs=frozenset({"buyer_country", "groups"}),
        is_asked=True,
    ),
    Declaration(
        kind="recipients",
        heading=Sentence("Who", "Qui"),
        standing=Standing.ENFORCED,
        parameters={"any_of": Several(participant, at_most=500)},
        words=_recipients_words,
        rules=_recipients_rules,
        reads=any_of("recipient", iri),
        right=listed(
            Side.MUST, Sentence("Be one of the named recipients", "Être l’un des destinataires nommés")
        ),
        against=_recipients_against,
        needs=frozenset({"recipient_id"}),
        is_asked=True,
    ),
    Declaration(
        kind="addresses",
        heading=Sentence("From where", "D’où"),
        standing=Standing.ENFORCED,
        parameters={"any_of": Several(address_range, at_most=256)},
        words=_addresses_words,
        rules=_addresses_rules,
        reads=any_of("virtualLocation"),
        right=listed(
            Side.MUST,
            Sentence(
                "Download from the named network addresses", "Télécharger depuis les adresses réseau nommées"
            ),
        ),
        against=_addresses_against,
        needs=frozenset({"address"}),
        is_of_delivery=True,
    ),
    Declaration(
        kind="end_date",
        heading=Sentence("Until when", "Jusqu’à quand"),
        standing=Standing.ENFORCED,
        parameters={"on": Day()},
        words=_end_date_words,
        rules=_end_date_rules,
        reads=gated("on", "dateTime", "lt", day_before),
        right=_end_date_in_brief,
        against=_end_date_against,
        next_change=lambda clause, facts: _end_of(clause.words("on")),
    ),
    Declaration(
        kind="duration",
        heading=Sentence("How long", "Combien de temps"),
        standing=Standing.ENFORCED,
        parameters={"days": Whole(1, 3650)},
        words=_duration_words,
        rules=_duration_rules,
        reads=gated("days", "elapsedTime", "lt", days),
        right=_duration_in_brief,
        against=_duration_against,
        needs=frozenset({"active_since"}),
        next_change=_end_of_duration,
    ),
    Declaration(
        kind="copies",
        heading=Sentence("How often", "Combien de fois"),
        standing=Standing.ENFORCED,
        parameters={"max": Whole(1, 10_000)},
        words=_copies_words,
        rules=_copies_rules,
        reads=barred("max", "reproduce", "count", "gt", whole),
        right=_copies_in_brief,
        against=_copies_against,
        needs=frozenset({"copies_used"}),
        is_of_delivery=True,
    ),
)
