"""The clauses about by whom and where the data is used, when it is fetched and how it arrives."""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from contracts.clauses import countries
from contracts.clauses.access import OWN, is_within
from contracts.clauses.declaration import (
    Clause,
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
from contracts.clauses.parameters import (
    Clock,
    Flag,
    Known,
    Several,
    channel,
    participant,
    place,
    sector,
    weekday,
    zone,
)
from contracts.clauses.pieces import among, any_of, bound, iri, right, rule
from contracts.clauses.wording import NO_BREAK, either
from exchange.participants import sectors

_ALL_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS_EN = dict(
    zip(_ALL_DAYS, "Mondays Tuesdays Wednesdays Thursdays Fridays Saturdays Sundays".split(), strict=True)
)
_DAYS_FR = dict(zip(_ALL_DAYS, "lundi mardi mercredi jeudi vendredi samedi dimanche".split(), strict=True))
_WINDOW = re.compile(r"([a-z,]{3,27}) ([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2}) (\S{1,64})")
_CHANNELS = {
    "gateway": Sentence("by downloads through its gateway", "par des téléchargements à sa passerelle"),
    "sharing": Sentence("by data sharing", "par le partage de données"),
    "bucket": Sentence("by links to its storage", "par des liens vers son stockage"),
}


def _use_country_words(clause: Clause, names: Names) -> Sentence:
    places = clause.several("any_of")
    return Sentence(
        "You may use the data only in the following places, and you declare where you do: "
        f"{either([countries.name(place, 'en') for place in places], 'or')}.",
        "Vous ne pouvez utiliser les données que dans les lieux suivants, et vous déclarez où vous le faites"
        f"{NO_BREAK}: {either([countries.name(place, 'fr') for place in places], 'ou')}.",
    )


def _use_country_rules(clause: Clause) -> Rules:
    return Rules(gate=(among("spatial", clause.several("any_of")),))


def _use_country_against(clause: Clause, facts: Facts) -> Reason | None:
    if facts.use_country is None:
        return Reason.UNDECIDABLE
    return None if is_within(clause, facts.use_country, facts) else Reason.USE_COUNTRY_NOT_ALLOWED


def _sector_words(clause: Clause, names: Names) -> Sentence:
    codes = clause.several("any_of")
    en = either([f"{code} ({sectors.name(code, 'en')})" for code in codes], "or")
    fr = either([f"{code} ({sectors.name(code, 'fr')})" for code in codes], "ou")
    return Sentence(
        "You receive the data only while the verified economic sector of your organisation is as follows (NACE Rev. "
        f"2.1): {en}.",
        "Vous ne recevez les données que tant que le secteur économique vérifié de votre organisation est le suivant "
        f"(NACE Rév. 2.1){NO_BREAK}: {fr}.",
    )


def _sector_rules(clause: Clause) -> Rules:
    codes = [{"@id": f"{sectors.IRI}{code}"} for code in clause.several("any_of")]
    return Rules(gate=(among(f"{OWN}buyerSector", codes),))


def _sector_of(operand: object) -> object:
    found = iri(operand)
    return found.removeprefix(sectors.IRI) if isinstance(found, str) else found


def _sector_against(clause: Clause, facts: Facts) -> Reason | None:
    if facts.sector is None:
        return Reason.UNDECIDABLE
    if not facts.sector:
        return Reason.SECTOR_UNKNOWN
    return None if facts.sector in clause.several("any_of") else Reason.SECTOR_NOT_ALLOWED


def _address_country_words(clause: Clause, names: Names) -> Sentence:
    places = clause.several("any_of")
    en = either([countries.name(place, "en") for place in places], "or")
    fr = either([countries.name(place, "fr") for place in places], "ou")
    if clause.flag("is_checked"):
        return Sentence(
            "The exchange delivers the data only to network addresses that its list of address ranges places here: "
            f"{en}.",
            "La place ne livre les données qu’à des adresses réseau que sa liste de plages situe dans les lieux "
            f"suivants{NO_BREAK}: {fr}.",
        )
    return Sentence(
        f"You may fetch the data only from network addresses in these places, which nobody checks: {en}.",
        "Vous ne pouvez aller chercher les données que depuis des adresses réseau situées dans les lieux suivants, "
        f"ce que personne ne vérifie{NO_BREAK}: {fr}.",
    )


def _address_country_left(clause: Clause) -> str:
    return f"{OWN}addressCountry" if clause.flag("is_checked") else f"{OWN}addressCountryPromised"


def _address_country_rules(clause: Clause) -> Rules:
    return Rules(gate=(among(_address_country_left(clause), clause.several("any_of")),))


def _address_country_reads(rules: Rules) -> Raw | None:
    for left, is_checked in ((f"{OWN}addressCountry", True), (f"{OWN}addressCountryPromised", False)):
        read = any_of(left)(rules)
        if read is not None:
            return {**read, "is_checked": is_checked}
    return None


def _address_country_against(clause: Clause, facts: Facts) -> Reason | None:
    if not clause.flag("is_checked"):
        return None
    if facts.address_country is None:
        return Reason.UNDECIDABLE
    return None if is_within(clause, facts.address_country, facts) else Reason.ADDRESS_COUNTRY_NOT_ALLOWED


def _address_country_standing(clause: Clause) -> Standing:
    # Only an exchange that has a list of address ranges lets such a clause be written as checked.
    return Standing.ENFORCED if clause.flag("is_checked") else Standing.PROMISED


def _affiliates_words(clause: Clause, names: Names) -> Sentence:
    named = [names.get(identity, identity) for identity in clause.several("any_of")]
    if not named:
        return Sentence(
            "You may not share the data with other organisations of your group.",
            "Vous ne pouvez pas partager les données avec d’autres organisations de votre groupe.",
        )
    return Sentence(
        "Of your group, you may share the data with these organisations alone, under these same terms, and you answer "
        f"for them: {either(named, 'and')}.",
        "Au sein de votre groupe, vous ne pouvez partager les données qu’avec les organisations suivantes, aux mêmes "
        f"conditions et sous votre responsabilité{NO_BREAK}: {either(named, 'et')}.",
    )


def _affiliates_rules(clause: Clause) -> Rules:
    action = f"{OWN}shareWithAffiliates"
    named = [{"@id": f"urn:uuid:{identity}"} for identity in clause.several("any_of")]
    if not named:
        return Rules(prohibitions=({"action": action},))
    return Rules(permissions=({"action": action, "constraint": [among(f"{OWN}affiliate", named)]},))


def _affiliates_reads(rules: Rules) -> Raw | None:
    action = f"{OWN}shareWithAffiliates"
    named = bound(rules.permissions, action, f"{OWN}affiliate", "isAnyOf")
    if named is None:
        return {"any_of": []} if rule(rules.prohibitions, action) is not None else None
    return {"any_of": [iri(one) for one in (named if isinstance(named, list) else [named])]}


def _affiliates_in_brief(clause: Clause) -> InBrief:
    title = Sentence("Share it within your group", "Les partager au sein de votre groupe")
    if clause.several("any_of"):
        return InBrief(Side.MAY, title)
    return InBrief(Side.MAY_NOT, title, Sentence("", ""))


def _days_in_order(clause: Clause) -> list[str]:
    return [day for day in _ALL_DAYS if day in clause.several("days")]


def _hours_words(clause: Clause, names: Names) -> Sentence:
    days, start, end = _days_in_order(clause), clause.words("start"), clause.words("end")
    is_daily, overnight = len(days) == 7, end < start
    en = "every day" if is_daily else f"on {either([_DAYS_EN[day] for day in days], 'and')}"
    fr = "tous les jours" if is_daily else f"les {either([_DAYS_FR[day] for day in days], 'et')}"
    return Sentence(
        f"A download may begin, or go on after a break, only {en} from {start} to {end}"
        f"{' of the next day' if overnight else ''} ({clause.words('zone')} time). "
        "What is under way at that moment may finish.",
        f"Un téléchargement ne peut commencer, ou reprendre après une interruption, que {fr} de "
        f"{_clock_fr(start)} à {_clock_fr(end)}{' du lendemain' if overnight else ''} "
        f"(heure de {clause.words('zone')}). Ce qui est en cours à ce moment peut s’achever.",
    )


def _clock_fr(clock: str) -> str:
    hours, minutes = clock.split(":")
    return f"{int(hours)}{NO_BREAK}h{NO_BREAK}{minutes}"


def _hours_rules(clause: Clause) -> Rules:
    days = ",".join(_days_in_order(clause))
    window = f"{days} {clause.words('start')}-{clause.words('end')} {clause.words('zone')}"
    return Rules(gate=({"leftOperand": f"{OWN}timeOfDay", "operator": "eq", "rightOperand": window},))


def _hours_reads(rules: Rules) -> Raw | None:
    window: Any = right(rules.gate, f"{OWN}timeOfDay", "eq")
    found = _WINDOW.fullmatch(window) if isinstance(window, str) else None
    if found is None:
        return None
    days, start, end, name = found.groups()
    return {"days": days.split(","), "start": start, "end": end, "zone": name}


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _hours_against(clause: Clause, facts: Facts) -> Reason | None:
    if facts.now.utcoffset() is None:
        return Reason.UNDECIDABLE
    # From the moment to the wall clock, never back: in this direction there is exactly one answer, whatever the
    # clocks were put to.
    local = facts.now.astimezone(_zone(clause.words("zone")))
    clock, today = f"{local:%H:%M}", _ALL_DAYS[local.weekday()]
    yesterday = _ALL_DAYS[(local.weekday() - 1) % 7]
    start, end, days = clause.words("start"), clause.words("end"), clause.several("days")
    if start < end:
        is_open = today in days and start <= clock < end
    else:
        is_open = (today in days and clock >= start) or (yesterday in days and clock < end)
    return None if is_open else Reason.OUT_OF_HOURS


def _next_minute(clause: Clause, facts: Facts) -> datetime:
    """Hours begin and end with a minute, in every zone; what holds now holds until then."""
    return facts.now.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _hours_fault(clause: Clause) -> str | None:
    if clause.words("start") == clause.words("end"):
        return "it ends when it starts; for whole days, write 00:00 to 24:00"
    return None


def _delivery_words(clause: Clause, names: Names) -> Sentence:
    ways = [_CHANNELS[one] for one in clause.several("any_of")]
    return Sentence(
        f"The exchange delivers the data only {either([way.en for way in ways], 'or')}.",
        f"La place ne livre les données que {either([way.fr for way in ways], 'ou')}.",
    )


def _delivery_rules(clause: Clause) -> Rules:
    ways = [{"@id": f"{OWN}{one}"} for one in clause.several("any_of")]
    return Rules(gate=(among("deliveryChannel", ways),))


def _channel_of(operand: object) -> object:
    found = iri(operand)
    return found.removeprefix(OWN) if isinstance(found, str) else found


def _delivery_against(clause: Clause, facts: Facts) -> Reason | None:
    if facts.delivery is None:
        return Reason.UNDECIDABLE
    return None if facts.delivery in clause.several("any_of") else Reason.DELIVERY_NOT_ALLOWED


REACH: tuple[Declaration, ...] = (
    Declaration(
        kind="sector",
        heading=Sentence("Sector", "Secteur"),
        standing=Standing.ENFORCED,
        parameters={"any_of": Several(sector, at_most=len(sectors.SECTORS))},
        words=_sector_words,
        rules=_sector_rules,
        right=listed(
            Side.MUST,
            Sentence("Belong to a permitted economic sector", "Relever d’un secteur économique permis"),
        ),
        against=_sector_against,
        needs=frozenset({"sector"}),
        is_asked=True,
        reads=any_of(f"{OWN}buyerSector", _sector_of),
    ),
    Declaration(
        kind="use_country",
        heading=Sentence("Where it is used", "Lieu d’utilisation"),
        # The buyer declares where the data is used; the log keeps the declaration, nobody sees the use.
        standing=Standing.EVIDENCED,
        parameters={"any_of": Several(place, at_most=250)},
        words=_use_country_words,
        rules=_use_country_rules,
        right=listed(Side.MUST, Sentence("Use it where it is permitted", "Les utiliser là où c’est permis")),
        against=_use_country_against,
        needs=frozenset({"use_country", "groups"}),
        is_asked=True,
        reads=any_of("spatial"),
    ),
    Declaration(
        kind="address_country",
        heading=Sentence("From which country", "Depuis quel pays"),
        standing=_address_country_standing,
        parameters={"any_of": Several(place, at_most=250), "is_checked": Flag()},
        words=_address_country_words,
        rules=_address_country_rules,
        right=listed(
            Side.MUST, Sentence("Download where it is permitted", "Télécharger depuis là où c’est permis")
        ),
        against=_address_country_against,
        needs=frozenset({"address_country", "groups"}),
        is_of_delivery=True,
        reads=_address_country_reads,
    ),
    Declaration(
        kind="affiliates",
        heading=Sentence("Group", "Groupe"),
        standing=Standing.PROMISED,
        parameters={"any_of": Several(participant, at_most=100)},
        words=_affiliates_words,
        rules=_affiliates_rules,
        right=_affiliates_in_brief,
        is_grant=True,
        reads=_affiliates_reads,
        when_silent=Clause("affiliates", (("any_of", ()),)),
    ),
    Declaration(
        kind="hours",
        heading=Sentence("At what hours", "À quelles heures"),
        standing=Standing.ENFORCED,
        parameters={
            "days": Several(weekday, at_most=7),
            "start": Clock("23:59"),
            "end": Clock("24:00"),
            "zone": Known(zone),
        },
        words=_hours_words,
        rules=_hours_rules,
        right=listed(Side.MUST, Sentence("Download at the agreed hours", "Télécharger aux heures convenues")),
        against=_hours_against,
        is_of_delivery=True,
        fault=_hours_fault,
        reads=_hours_reads,
        next_change=_next_minute,
    ),
    Declaration(
        kind="delivery",
        heading=Sentence("How it arrives", "Mode de livraison"),
        standing=Standing.ENFORCED,
        parameters={"any_of": Several(channel, at_most=len(_CHANNELS))},
        words=_delivery_words,
        rules=_delivery_rules,
        right=listed(Side.MUST, Sentence("Take it in the agreed way", "Les recevoir par la voie convenue")),
        against=_delivery_against,
        needs=frozenset({"delivery"}),
        is_of_delivery=True,
        reads=any_of("deliveryChannel", _channel_of),
    ),
)
