"""The demo's story of personal data, in the order of time: two organisations take it, a person asks and is answered, a
link leaks, another person is corrected wherever a copy is, one recipient does not answer, and a letter comes in of
which nobody knows yet who wrote it. Nobody in it exists."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime, timedelta

from compliance.activities import completions
from compliance.breaches import register, reports, scopes
from compliance.bundles import bundles
from compliance.bundles.scopes import Scope as Evidence
from compliance.models import Breach, NoticeRow, SellerSearch, SubjectRequest
from compliance.notices import answers
from compliance.requests import clock, consequences, decisions, identity, intake, own_records, seller_search
from compliance.requests.intake import Asked
from compliance.retention import legal_holds
from contracts.models import Entitlement
from datasets.models import Dataset
from exchange.kernel.actors import Actor
from exchange.participants.actors.actors import actor_of_member
from exchange.participants.models import Member, Participant
from infra.demo import cast, files, loyalty, past

BEGAN = timedelta(days=60)
"""How long before today the demo's exchange was founded."""
_ASKS, _MOVED, _WRITES = 17, 41, 87
"""Rows of the invented customers: one who asks for a copy, one who has moved, one who writes a letter."""


@dataclass(frozen=True)
class Days:
    """The days before today, and who acted on them."""

    people: cast.Cast
    today: datetime

    def before(self, days: float) -> datetime:
        return self.today - timedelta(days=days)

    def manager(self, participant: Participant, days: float) -> Actor:
        return cast.manager_of(participant, self.before(days))

    def officer(self, days: float) -> Actor:
        member = self.people.operator.members.get(role=Member.Role.OFFICER)
        return actor_of_member(member, self.before(days), has_second_factor=True)


def happen(people: cast.Cast, now: datetime) -> Dataset:
    """Let all of it happen before `now`; answers the dataset that it is about."""
    days = Days(people, now)
    dataset = loyalty.publish(days.manager(people.seller, 56))
    takers = [people.buyer, people.institute]
    offer = loyalty.pilot(dataset, takers, days.manager(people.seller, 55))
    right = loyalty.take(offer, people.buyer, "DE", days.before(50))
    loyalty.take(offer, people.institute, "NO", days.before(45))
    told = (
        "By e-mail to everybody on our list; the notice stands at https://nordwind.example/privacy (invented)."
    )
    loyalty.inform(people.buyer, days.before(43), told)
    loyalty.inform(people.institute, days.before(42))
    _complete_register(days)
    _answer_access(days)
    _work_breach(days, dataset)
    _hold(days, right)
    _correct(days, dataset)
    _take_in_letter(days)
    _gather(days, dataset)
    past.catch_up(days.before(0.5))
    return dataset


def _complete_register(days: Days) -> None:
    """What no log can know of the exchange's own register."""
    said = {
        "security_measures": "Encrypted at rest and in transit; officers and operators sign in with a second factor; "
        "every act is in a log that outsiders can check."
    }
    contacts = {
        "controller": "Comptoir Demo Exchange (demo), 1 place de l’Exemple, 75002 Paris",
        "dpo": "dpo@exchange.example (invented)",
    }
    completions.complete("", said, contacts, by=days.officer(41))


def _answer_access(days: Days) -> None:
    """A person asks for a copy of all that is known, by the form, and is answered in time."""
    request = _asked(days, 40, "access", _ASKS, "Which data about me was sold here, and to whom?")
    _identified(days, request, 39)
    own_records.search(request, by=days.officer(38.9))
    _searched(days, request, 38.8, 37)
    words = (
        "Atlas Mobility Data (demo) holds one row about you: name, e-mail address, date of birth, city and points. "
        "Two organisations have received it. The file names them, with the day and the purpose."
    )
    decisions.answer(request, words, by=days.officer(36))
    past.catch_up(days.before(36))


def _correct(days: Days, dataset: Dataset) -> None:
    """A person has moved: the seller issues a corrected revision, and every recipient is told to correct its copy. One
    does; the other is reminded twice, then its rights are suspended."""
    request = _asked(
        days, 29, "rectification", _MOVED, "I have moved to Dijon. My old city is still in your list."
    )
    _identified(days, request, 28)
    _searched(days, request, 27.8, 27)
    loyalty.revise(
        dataset, _moved(files.invented_people()[loyalty.FILE]), days.manager(days.people.seller, 26.8)
    )
    message = (
        "Customer 41 has moved; the city is now Dijon. Correct it in every copy of the file, or delete the row."
    )
    [notice] = consequences.tell_recipients(request, message, by=days.officer(26.5))
    past.catch_up(days.before(26.5))
    buyer = days.manager(days.people.buyer, 25)
    row = NoticeRow.objects.get(notice=notice, buyer_id=days.people.buyer.pk)
    answers.read(row, by=buyer)
    answers.answer(
        row, action="acknowledged", remark="We have two copies and correct both this week.", by=buyer
    )
    for passed in (25, 22):
        past.catch_up(days.before(passed))
    answers.answer(row, action="corrected", copies=2, by=days.manager(days.people.buyer, 21))
    for passed in (16, 9, 3):
        past.catch_up(days.before(passed))
    reason = "One of the two organisations that hold your data has not answered yet. We go on asking it."
    clock.extend(request, reason, by=days.officer(3))


def _take_in_letter(days: Days) -> None:
    """A letter from somebody who gives no more than a name: who it is has to be seen first."""
    person = _row(_WRITES)
    asked = Asked(
        kind="erasure",
        name=f"{person['first_name']} {person['last_name']}",
        words="Take me off every list that you sell.",
        address="3 rue de l’Exemple, 21000 Dijon (invented)",
        language="fr",
    )
    intake.take_in(asked, channel="letter", received_at=days.before(4), by=days.officer(3))


def _work_breach(days: Days, dataset: Dataset) -> None:
    """A link to a file was written where others could read it; nobody used it."""
    found = register.Found(
        kinds=["confidentiality"],
        what="A member of Nordwind Analytics (demo) pasted a download link into a ticket that 14 people of a supplier "
        "can read. The link had ended before anybody opened it. Invented for the demo.",
        reported_by="participant",
        detected_at=days.before(33),
        became_aware_at=days.before(32.8),
        occurred_from=days.before(34),
        occurred_until=days.before(33),
    )
    breach = register.open_breach(found, by=days.officer(32.7))
    scopes.take(breach, scopes.Asked(dataset=dataset.pk), by=days.officer(32.6))
    _describe(breach, days)
    method = (
        "ENISA’s method for the severity of breaches: context 1, ease 0.5, circumstances 0.25; severity low."
    )
    reasons = "The link had ended and the log has no attempt on it; yet names and addresses were within reach."
    register.assess(breach, risk="risk", method=method, reasons=reasons, by=days.officer(32))
    sent = reports.Sent("portal", days.before(31.5), is_last=True, reference="DEMO-2026-0001")
    reports.tell_authority(breach, sent, by=days.officer(31.4))
    lessons = {
        "lessons": "Links are bound to the client that asked for them, wherever a buyer’s client can do so."
    }
    register.describe(breach, lessons, by=days.officer(30))
    register.close(breach, by=days.officer(30))
    past.catch_up(days.before(30))


def _describe(breach: Breach, days: Days) -> None:
    said = {
        "systems": "Download links of the gateway; the supplier’s ticket system.",
        "persons_categories": "Customers of a loyalty programme (invented).",
        "data_categories": "Name, e-mail address, date of birth, city, points.",
        "consequences": "Had the link been used, unwanted mail to 500 persons.",
        "measures_taken": "The ticket was deleted; the link had ended after 15 minutes; the log was searched.",
        "measures_proposed": "Nordwind Analytics (demo) binds its links to its own client.",
    }
    counts = {"persons_count": 500, "records_count": 500}
    register.describe(breach, said, counts, by=days.officer(32.4))


def _hold(days: Days, right: Entitlement) -> None:
    """A court asks that what is kept of one contract stays."""
    asked = legal_holds.Asked(
        scope="agreement",
        target=str(right.agreement_id),
        since=None,
        until=None,
        authority="Tribunal de commerce de Paris (invented)",
        reference="DEMO 2026/0042",
        reason="Two parties disagree about the purpose of a use; the court asks that nothing of it is erased.",
        review_on=(days.today + timedelta(days=120)).date(),
    )
    legal_holds.place(asked, by=days.officer(29.5))


def _gather(days: Days, dataset: Dataset) -> None:
    """Evidence about the dataset, for the authority; the worker makes it."""
    reason = "The authority asks who received the customers of the loyalty programme, and what they were told."
    bundles.ask(Evidence(dataset=dataset.pk), addressee="CNIL (demo)", reason=reason, by=days.officer(1))


def _asked(days: Days, before: float, kind: str, row: int, words: str) -> SubjectRequest:
    """A request by the public form, whose link the person has opened."""
    person, visitor = _row(row), Actor.system("privacy_form", at=days.before(before))
    name = f"{person['first_name']} {person['last_name']}"
    request = intake.ask(Asked(kind=kind, name=name, words=words, email=person["email"]), by=visitor)
    past.catch_up(visitor.at)
    return intake.confirm(request, by=visitor.moved_to(visitor.at + timedelta(hours=2)))


def _identified(days: Days, request: SubjectRequest, before: float) -> None:
    identity.identify(request, "address", by=days.officer(before))
    decisions.start(request, by=days.officer(before))


def _searched(days: Days, request: SubjectRequest, asked: float, answered: float) -> None:
    """The seller looks into its dataset by hand, and finds the person."""
    particulars = identity.particulars(request)
    seller = days.manager(days.people.seller, answered)
    [search] = seller_search.ask(request, [days.people.seller.pk], particulars["email"], by=days.officer(asked))
    past.catch_up(days.before(asked))
    seller_search.read_told(search, by=seller)
    findings = {row.revision_id: True for row in search.revisions.all()}
    seller_search.answer_by_hand(search, findings, by=seller)
    assert search.state == SellerSearch.State.ANSWERED
    past.catch_up(seller.at)


def _row(number: int) -> dict[str, str]:
    text = files.invented_people()[loyalty.FILE].decode()
    return next(row for row in csv.DictReader(io.StringIO(text)) if row["customer_id"] == str(number))


def _moved(content: bytes) -> bytes:
    """The same customers, with the new city of the one who has moved."""
    row = _row(_MOVED)
    before = ",".join(row.values())
    return content.replace(before.encode(), before.replace(row["city"], "Dijon").encode())
