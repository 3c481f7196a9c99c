"""Several charges by a few statements, and money that comes with the order: each on its own merits, and with the same
rows, Events and postings as one by one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.module_loading import import_string

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden
from exchange.kernel.ids import new_id
from exchange.kernel.models import Delivery, Event
from exchange.kernel.money import Money
from payments.charges import charges
from payments.charges.charges import Ask, Settlement
from payments.checkouts import at_once, pretended_payments
from payments.inbox import inbox
from payments.ledger import ledger
from payments.ledger.ledger import Booking
from payments.ledger.posting_rules import Line
from payments.models import Account, Charge, Entry, Hold, PaymentMethod, Posting, ProviderEvent
from tests import makers
from tests.payments.stories import everything
from tests.rivals import race

Found = Charge | ExchangeError | None
KILLED_AT = (
    "payments.charges.charges._insert",
    "payments.inbox.inbox.keep_acted",
    "payments.charges.charges._pay",
    "payments.charges.charges._book",
    "payments.holds.holds.open_many",
    "payments.charges.charges.settle_many",
    "payments.checkouts.at_once._act",
    "exchange.kernel.events.insert",
)


def ask(buyer: Actor, seller: Actor, minor: int = 10_000, **changes: Any) -> Ask:
    given: dict[str, Any] = {
        "reference": f"agreement:{new_id()}",
        "subject": f"dataset:{new_id()}",
        "payer": makers.participant_of(buyer),
        "payee": makers.participant_of(seller),
        "price": Money(minor, "EUR"),
        "by": buyer,
    }
    return Ask(**given | changes)


def said(found: Sequence[Found]) -> list[str]:
    return [one.code if isinstance(one, ExchangeError) else getattr(one, "state", "later") for one in found]


def made(found: Sequence[Found]) -> list[Charge]:
    return [one for one in found if isinstance(one, Charge)]


def rows_of(charge: Charge) -> Mapping[str, Any]:
    """All that stands of a paid charge, but for ids and what names them."""
    hold, posting = Hold.objects.get(charge=charge), Posting.objects.get(key=f"charge.paid:{charge.pk}")
    told = ProviderEvent.objects.get(external_id=f"pay-{charge.pk}")
    subjects = [f"charge:{charge.pk}", f"hold:{hold.pk}", f"providerevent:{told.pk}"]
    names = Event.objects.filter(subject__in=subjects).order_by("id").values_list("name", flat=True)
    fields = [
        one.attname for one in Charge._meta.concrete_fields if one.attname not in ("id", "reference", "subject")
    ]
    return {
        "charge": {name: getattr(charge, name) for name in fields if name != "provider_reference"},
        "reference": charge.provider_reference == f"demo-{charge.pk}",
        "hold": (hold.state, hold.amount_minor, hold.kept, hold.releases_at, hold.awaits_delivery),
        "posting": (posting.kind, posting.occurred_at, posting.reference == charge.reference),
        "entries": sorted(posting.entries.values_list("account__code", "account__owner", "amount_minor")),
        "told": (told.kind, told.outcome, told.processed_at),
        "events": sorted(set(names) - {"charge.submitted"}),
    }


def test_money_that_comes_with_the_order_leaves_what_money_that_comes_later_leaves(
    operator: Actor, buyer: Actor, seller: Actor, now: datetime
) -> None:
    usual = made(charges.create_many([ask(buyer, seller, keeps_method=True)]))[0]
    pretended_payments.make(usual, by=buyer)
    inbox.act(ProviderEvent.objects.get(external_id=f"pay-{usual.pk}").pk, now)
    PaymentMethod.objects.update(ended_at=now)
    quick = made(charges.create_many([ask(buyer, seller, keeps_method=True)]))[0]
    [paid] = at_once.pay([(quick, buyer)])
    assert isinstance(paid, Charge) and paid.state == "paid"
    usual.refresh_from_db()
    assert rows_of(Charge.objects.get(pk=quick.pk)) == rows_of(usual)
    assert PaymentMethod.objects.filter(payer_id=quick.payer_id, ended_at=None).count() == 1
    acts = Delivery.objects.filter(reaction="payments.tasks.act_on_provider_event")
    assert acts.count() == 1  # nobody has to act on what was done
    before = everything()
    pretended_payments.make(paid, by=buyer)
    inbox.keep("demo", f"pay-{quick.pk}", "charge.paid", {"charge": str(quick.pk)}, at=now)
    assert said(at_once.pay([(quick, buyer)])) == ["paid"]
    charges.submit_all([quick.pk], now)
    assert everything() == before and ledger.trial_balance().is_sound


def test_each_of_several_is_charged_and_paid_on_its_own_merits(
    operator: Actor, buyer: Actor, seller: Actor, outsider: Actor, now: datetime
) -> None:
    french = makers.trader("Acheteur SARL", "FR", now)
    known = made(charges.create_many([ask(buyer, seller)]))[0]
    asks = [
        ask(buyer, seller, 100),
        ask(buyer, seller, 0),
        ask(french, seller, 200),
        ask(buyer, seller, by=outsider),
        ask(buyer, seller, reference=known.reference),
        ask(seller, seller),
    ]
    found = charges.create_many(asks)
    assert said(found) == [
        *("created", "absurd_amount", "created", "not_the_payer", "already_charged", "own_offer")
    ]
    assert Charge.objects.count() == 3 == Event.objects.filter(name="charge.created").count()
    first, second = made(found)
    assert (first.tax_minor, second.tax_minor, second.vat_treatment) == (0, 40, "domestic")
    charges.fail(known, reason="called off", by=Actor.system("tests", at=now))
    paid = at_once.pay([(first, buyer), (known, buyer), (second, outsider)])
    assert said(paid) == ["paid", "charge_failed", "not_the_payer"]
    assert Posting.objects.count() == Hold.objects.count() == ProviderEvent.objects.count() == 1
    by = Actor.system("tests", at=now)
    settlements = [
        Settlement(first, f"demo-{first.pk}", first.gross, by),
        Settlement(second, "demo-2", Money(1, "EUR"), by),
    ]
    assert said(charges.settle_many(settlements)) == ["paid", "amount_differs"]
    assert said(charges.settle_many([Settlement(first, "other", first.gross, by)])) == ["paid_twice"]
    with pytest.raises(Forbidden):
        charges.settle_many([Settlement(second, "demo-2", second.gross, buyer)])
    assert Posting.objects.count() == 1 and ledger.trial_balance().is_sound


def test_many_cost_hardly_more_statements_than_one(operator: Actor, buyer: Actor, seller: Actor) -> None:
    def statements(count: int) -> int:
        asks = [ask(buyer, seller) for _ in range(count)]
        with CaptureQueriesContext(connection) as asked, transaction.atomic():
            sold = made(charges.create_many(asks))
            assert said(at_once.pay([(one, buyer) for one in sold])) == ["paid"] * count
        return len(asked)

    statements(1)  # opens the accounts
    one, many = statements(1), statements(20)
    per_more = (many - one) / 19
    assert per_more < (0.2 if connection.vendor == "postgresql" else 10)  # SQLite books posting by posting
    assert Charge.objects.filter(state="paid").count() == 22 == Hold.objects.count()
    assert ledger.trial_balance().is_sound


def test_a_provider_that_answers_later_and_one_that_was_left_are_asked_as_usual(
    operator: Actor, buyer: Actor, seller: Actor, settings: Any
) -> None:
    settings.EXCHANGE_MANUAL_ROLE, settings.EXCHANGE_PAYMENT_PROVIDER = "reseller", "manual"
    by_transfer = made(charges.create_many([ask(buyer, seller)]))[0]
    assert at_once.pay([(by_transfer, buyer)]) == [None]
    settings.EXCHANGE_PAYMENT_PROVIDER = "demo"
    assert at_once.pay([(by_transfer, buyer)]) == [None]
    pretended = made(charges.create_many([ask(buyer, seller)]))[0]
    pretended_payments.make(pretended, by=buyer)
    assert at_once.pay([(pretended, buyer)]) == [None]  # the inbox acts on it
    assert not Posting.objects.exists()


@pytest.mark.parametrize("is_left_later", [False, True])
def test_a_process_that_dies_between_order_and_commit_leaves_nothing_and_the_next_one_pays_once(
    operator: Actor, buyer: Actor, seller: Actor, monkeypatch: pytest.MonkeyPatch, *, is_left_later: bool
) -> None:
    for number, path in enumerate(KILLED_AT, start=1):
        wanted, before = ask(buyer, seller), everything()
        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr(path, dying(path, is_left_later=is_left_later))
            order(wanted, buyer)
        assert everything() == before, path
        assert said(order(wanted, buyer)) == ["paid"]
        assert Posting.objects.count() == Hold.objects.count() == ProviderEvent.objects.count() == number
        assert Event.objects.filter(name="charge.paid").count() == number
    assert ledger.trial_balance().is_sound


@transaction.atomic
def order(wanted: Ask, by: Actor) -> list[Found]:
    """Asked and paid in one transaction, as an order is."""
    return at_once.pay([(one, by) for one in made(charges.create_many([wanted]))])


class Killed(BaseException):
    """The process is gone: no `except Exception` sees it."""


def dying(path: str, *, is_left_later: bool) -> Callable[..., Any]:
    """What stands at `path`, whose process dies before it begins, or once it has done its work."""
    found = import_string(path)

    def die(*args: Any, **kwargs: Any) -> Any:
        if is_left_later:
            found(*args, **kwargs)
        raise Killed

    return die


@pytest.mark.usefixtures("own_database")
def test_of_all_ways_to_hear_of_one_payment_one_has_an_effect(
    operator: Actor, buyer: Actor, seller: Actor, now: datetime
) -> None:
    [charge] = made(charges.create_many([ask(buyer, seller)]))

    def pretend() -> None:
        pretended_payments.make(Charge.objects.get(pk=charge.pk), by=buyer)
        inbox.act(ProviderEvent.objects.get(external_id=f"pay-{charge.pk}").pk, now)

    ways = [lambda: at_once.pay([(charge, buyer)]), pretend, lambda: charges.submit(charge.pk, now)]
    outcomes = race(ways * 2)
    assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
    assert Charge.objects.get().state == "paid"
    assert Posting.objects.count() == Hold.objects.count() == ProviderEvent.objects.count() == 1
    assert Event.objects.filter(name="charge.paid").count() == 1 and ledger.trial_balance().is_sound


@pytest.mark.usefixtures("own_database")
def test_writers_of_several_postings_never_wait_for_each_other(
    operator: Actor, buyer: Actor, seller: Actor, outsider: Actor, now: datetime
) -> None:
    owners = [UUID(str(one.participant_id)) for one in (buyer, seller, outsider)]

    def book(place: int) -> None:
        turned = owners[place % 3 :] + owners[: place % 3]
        for turn in range(5):
            with transaction.atomic():
                ledger.post_many([booking(owner, f"{place}-{turn}-{owner}", now) for owner in turned])

    with transaction.atomic():
        ledger.post_many([booking(owner, f"first-{owner}", now) for owner in owners])  # opens the accounts
    outcomes = race([partial(book, place) for place in range(6)])
    assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
    assert Posting.objects.count() == 3 + 6 * 5 * 3 and Entry.objects.count() == 2 * Posting.objects.count()
    assert ledger.trial_balance().is_sound
    before = Posting.objects.count()
    with pytest.raises(Conflict), transaction.atomic():
        ledger.post_many([booking(owners[0], "new", now), booking(owners[1], f"first-{owners[0]}", now)])
    assert Posting.objects.count() == before
    with pytest.raises(RuntimeError):
        ledger.post_many([booking(owners[0], "new", now)])


def booking(owner: UUID, key: str, at: datetime) -> Booking:
    amount = Money(500, "EUR")
    lines = [
        Line(Account.Code.CLEARING, None, amount, "demo"),
        Line(Account.Code.SELLER_HELD, owner, -amount),
    ]
    return Booking("charge.paid", key, lines, "tests", at)
