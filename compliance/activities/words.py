"""What the codes of the records of processing are called on a page and on paper. A code without words is shown as it
is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from compliance import labels, rows
from compliance.activities.shape import Activity, Kept, Register, Sent, Warning
from compliance.desk_words import CARRIERS
from compliance.words import BASES, KINDS, Words
from exchange.kernel.actors import Actor
from exchange.look.formats import short
from exchange.look.names import country_name

DATA: dict[str, Words] = {
    **KINDS,
    "identifier": _("customer or device numbers"),
    "demographic": _("age, sex, household"),
    "location": _("places and movements"),
    "behaviour": _("behaviour"),
    "purchases": _("purchases"),
    "finances": _("income and finances"),
    "work": _("work and career"),
    "education": _("education"),
    "family": _("family"),
    "communication": _("messages and calls"),
    "device": _("devices and programs"),
    "picture": _("pictures"),
}
PERSONS: dict[str, Words] = {
    "customers": _("customers"),
    "subscribers": _("subscribers"),
    "visitors": _("visitors"),
    "online": _("people who use a service online"),
    "employees": _("employees"),
    "applicants": _("job applicants"),
    "patients": _("patients"),
    "students": _("pupils and students"),
    "children": _("children"),
    "citizens": _("citizens"),
    "members": _("members"),
    "volunteers": _("participants in a study"),
    "vulnerable": _("vulnerable people"),
    "others": _("other people"),
}
REACHES: dict[str, Words] = {
    "eea": _("Only within the EEA"),
    "adequate": _("The EEA, and countries with an adequacy decision"),
    "anywhere": _("Anywhere that the law allows"),
}
KEPT: dict[str, Words] = {
    "by_recipients": _("by each recipient, at most"),
    "while_published": _("by the exchange, as long as it is published or licensed"),
    "licence": _("after the end of the licence, at most"),
    "actor_identity": _("who acted"),
    "sealed_address": _("network addresses"),
    "leaves": _("the log’s own entries, which name nobody"),
    "mail": _("mails that were sent"),
}
PARTS: dict[str, Words] = {
    "name": pgettext_lazy("of an activity", "Name"),
    "reference": _("Reference"),
    "purposes": _("Purposes in more detail"),
    "joint_controllers": _("Joint controllers"),
    "recipient_categories": _("Categories of recipients"),
    "retention": _("How the period is decided"),
    "security_measures": _("Security measures"),
    "processors": _("Processors"),
    "dpia": _("Impact assessment"),
    "remark": _("Remark"),
    "controller": _("Controller, and how to reach it"),
    "representative": _("Representative in the EU"),
    "dpo": _("Data protection officer"),
    "owner": _("Who looks after it"),
}
FIELDS: dict[str, Words] = {
    "purposes": _("Purposes"),
    "stated_purposes": _("Purposes as the seller wrote them"),
    "legal_bases": _("Legal basis"),
    "grounds": _("Ground of Article 9"),
    "persons": _("Whose data"),
    "data": _("What data"),
    "special": _("Special categories"),
    "stated_sources": _("Source"),
    "dpias": _("Impact assessments declared"),
    "counterparties": _("Controllers"),
    "recipients": _("Recipients"),
    "datasets": _("Datasets"),
    "transfers": _("Where it went"),
    "kept": pgettext_lazy("personal data", "Kept"),
}
OTHERS = pgettext_lazy("recipients", "and others")
ROLES: dict[str, Words] = {
    "controller": _("As controller, Art. 30(1)"),
    "processor": _("As processor, Art. 30(2)"),
}
_LONG = 5


@dataclass(frozen=True)
class Called:
    """The names of everything that a register mentions."""

    organisations: Mapping[UUID, str]
    datasets: Mapping[UUID, str]

    def organisation(self, found: UUID) -> str:
        return self.organisations.get(found) or short(found)

    def dataset(self, found: UUID | None) -> str:
        return (self.datasets.get(found) if found else None) or short(found or "–")


def called(register: Register, *, by: Actor) -> Called:
    """The names that a register needs, by one question for each kind."""
    derived = [one.derived for one in register.activities]
    wanted = {found for one in derived for found in (*one.counterparties, *one.recipients)}
    datasets = {found for one in derived for found in one.datasets}
    return Called(
        rows.organisations([register.participant_id, *wanted], by=by), labels.names("dataset", datasets)
    )


def title(activity: Activity, names: Called) -> str:
    """What an activity is called: as somebody named it, or after what it is about."""
    if named := activity.completed.parts.get("name"):
        return named
    derived = activity.derived
    match activity.kind:
        case "provide":
            return gettext("Licensing of “%(dataset)s”") % {
                "dataset": names.dataset(next(iter(derived.datasets), None))
            }
        case "use":
            return gettext("Use of licensed data: %(purpose)s") % {"purpose": purpose(derived.purposes[0])}
        case "host":
            seller = names.organisation(derived.counterparties[0])
            return gettext("Keeping and delivering the data of %(seller)s") % {"seller": seller}
        case "publication":
            return gettext("Publication of datasets that hold personal data")
        case "accounts":
            return gettext("Accounts and sign-in of members")
        case "proof":
            return gettext("Proof of transfers: the log and the officers’ desk")


def values(activity: Activity, names: Called) -> dict[str, list[str]]:
    """What was derived of an activity, field by field in the reader's words."""
    derived = activity.derived
    return {
        "purposes": [purpose(code) for code in derived.purposes],
        "stated_purposes": list(derived.stated_purposes),
        "legal_bases": _said(BASES, derived.legal_bases),
        "grounds": [f"Art. {code}" for code in derived.grounds],
        "persons": _said(PERSONS, derived.persons),
        "data": _said(DATA, derived.data),
        "special": _said(DATA, derived.special),
        "stated_sources": list(derived.stated_sources),
        "dpias": list(derived.dpias),
        "counterparties": [names.organisation(one) for one in derived.counterparties],
        "recipients": [
            *(names.organisation(one) for one in derived.recipients),
            *([str(OTHERS)] if derived.has_others else []),
        ],
        "datasets": [names.dataset(one) for one in derived.datasets],
        "transfers": [sent(one) for one in derived.sent],
        "kept": [kept(one) for one in derived.kept],
    }


def purpose(code: str) -> str:
    """A purpose of the contracts' vocabulary in words."""
    return labels.word("purpose", code)


def sent(one: Sent) -> str:
    """How often something went to a country, and what carried it."""
    times = ngettext("%(count)s transfer", "%(count)s transfers", one.transfers) % {"count": one.transfers}
    how = f"{times}, {CARRIERS.get(one.mechanism, one.mechanism)}"
    return _named(country_name(one.country), how)


def kept(one: Kept) -> str:
    """How long, and what or by whom."""
    what = str(KEPT.get(one.what, one.what))
    if one.months is not None:
        return _named(what, ngettext("%(n)s month", "%(n)s months", one.months) % {"n": one.months})
    if one.days is not None:
        return _named(what, ngettext("%(n)s day", "%(n)s days", one.days) % {"n": one.days})
    return what if one.what != "licence" else gettext("after the end of the licence: nothing was agreed")


def warning(found: Warning, names: Called) -> str:
    """What does not agree, in a sentence."""
    about = list(found.about)
    match found.code:
        case "destination_undeclared":
            places = _listed(country_name(code) for code in about[1:])
            said = str(REACHES[about[0]])
            sentence = gettext("Declared: %(said)s. Observed: %(places)s.") % {"said": said, "places": places}
        case "destination_not_declared":
            places = _listed(country_name(code) for code in about)
            sentence = gettext(
                "It went outside the EEA (%(places)s), and the declaration does not say how far it may go."
            )
            sentence %= {"places": places}
        case "purpose_undeclared":
            found_purposes = _listed(purpose(code) for code in about)
            sentence = gettext("Agreed purposes that the declaration does not name: %(purposes)s.")
            sentence %= {"purposes": found_purposes}
        case "data_undeclared":
            sentence = gettext("The scan found what the declaration does not name: %(data)s.")
            sentence %= {"data": _listed(_said(DATA, about))}
        case "retention_exceeded":
            sentence = ngettext(
                "%(count)s contract leaves the data with a buyer for longer than was declared.",
                "%(count)s contracts leave the data with a buyer for longer than was declared.",
                len(about),
            ) % {"count": len(about)}
        case "deletion_overdue":
            sentence = ngettext(
                "%(count)s deletion is overdue.", "%(count)s deletions are overdue.", int(about[0])
            ) % {"count": about[0]}
        case "sent_as_free":
            sentence = gettext("Some of it left while it was declared to hold no personal data.")
        case "not_declared":
            sentence = gettext("The declaration does not say: %(fields)s.") % {
                "fields": _listed(_said(_MISSING, about))
            }
        case _:
            sentence = gettext("It is time to look at it again.")
    return _named(names.dataset(found.dataset_id), sentence) if found.dataset_id else sentence


_MISSING: dict[str, Words] = {
    "data": _("what data"),
    "persons": _("whose data"),
    "retention_months": _("how long a recipient may keep it"),
}


def _named(name: str, value: str) -> str:
    return gettext("%(name)s: %(value)s") % {"name": name, "value": value}


def _said(table: Mapping[str, Words], codes: Iterable[str]) -> list[str]:
    return [str(table.get(code, code)) for code in codes]


def _listed(words: Iterable[str]) -> str:
    found = list(words)
    more = f" (+{len(found) - _LONG})" if len(found) > _LONG else ""
    return ", ".join(found[:_LONG]) + more
