"""Bank transfers that people saw: one notes what came for a charge or left for a refund, a second person confirms it,
and only then does it reach the inbox, as what the provider `manual` says."""

from typing import Literal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from exchange.kernel import events, money, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Forbidden, NotFound
from exchange.kernel.states import transition
from exchange.participants.members import members
from exchange.participants.models import Member
from payments.inbox import inbox
from payments.models import Charge, Refund, Remittance
from payments.providers.manual import CONFIRMED, NAME

Noun = Literal["charge", "refund"]


@transaction.atomic
def note(
    noun: Noun, target_id: UUID, *, amount_minor: int, currency: str, bank_reference: str, by: Actor
) -> Remittance:
    """Say that money came for a charge, or left for a refund, under the bank's own reference. What came to the seller
    itself, the seller says; all else, an operator. Nothing is booked before another person confirms it."""
    charge = _charge_of(noun, target_id)
    _require_witness(charge, by)
    amount = money.price(amount_minor, currency)
    if not amount:
        raise Conflict("a bank transfer of nothing is none", code="absurd_amount")
    remittance = Remittance(
        target=f"{noun}:{target_id}",
        payee=charge.payee,
        currency=amount.currency,
        amount_minor=amount.minor,
        bank_reference=text.line(bank_reference, name="bank_reference", at_most=140),
        noted_by=by.name,
        noted_member=_person(by),
        noted_at=by.at,
    )
    try:
        with transaction.atomic():
            remittance.save(force_insert=True)
    except IntegrityError:
        if not Remittance.objects.filter(target=remittance.target).exists():
            raise
        raise Conflict("this bank transfer was noted already", code="already_noted") from None
    events.record("remittance.noted", remittance, by=by)
    return remittance


@transaction.atomic
def confirm(remittance: Remittance, *, by: Actor) -> Remittance:
    """The second pair of eyes, an operator's: from now on it counts. An amount that differs from what was asked books
    nothing, and is set aside for a person."""
    by.require(Scope.OPERATE)
    person = _person(by)
    remittance = Remittance.objects.select_for_update().get(pk=remittance.pk)
    _require_another(remittance, person, by)
    if remittance.state == Remittance.State.CONFIRMED:
        return remittance
    remittance = transition(
        remittance, "confirm", by=by, decided_by=by.name, decided_member=person, decided_at=by.at
    )
    payload: dict[str, Fact] = {
        "target": remittance.target,
        "amount_minor": remittance.amount_minor,
        "currency": remittance.currency,
        "reference": str(remittance.pk),
    }
    inbox.keep(NAME, f"remittance-{remittance.pk}", CONFIRMED, payload, at=by.at)
    return remittance


@transaction.atomic
def dismiss(remittance: Remittance, *, reason: str, by: Actor) -> Remittance:
    """An operator, who may be the one who noted it, says that it was an error: it never counts."""
    by.require(Scope.OPERATE)
    why = text.reason(reason)
    member = members.member_behind(by)
    return transition(
        remittance,
        "dismiss",
        by=by,
        typed={"reason": why},
        decided_by=by.name,
        decided_member=member,
        decided_at=by.at,
    )


def charge_quoting(reference: str) -> Charge:
    """The charge whose reference was quoted on a bank transfer; NotFound for a slip of the pen."""
    quoted = "".join(reference.split()).upper()
    found = Charge.objects.filter(provider=NAME, provider_reference=quoted).first() if quoted else None
    if found is None:
        raise NotFound("no charge has this reference; check each character", code="unknown_reference")
    return found


def refunds_to_make(actor: Actor) -> QuerySet[Refund]:
    """The refunds that somebody has still to make at the bank, or to note, oldest first."""
    actor.require(Scope.OPERATE)
    noted = Remittance.objects.filter(state=Remittance.State.NOTED, target__startswith="refund:")
    rows = Refund.objects.filter(
        charge__provider=NAME, state__in=(Refund.State.CREATED, Refund.State.SUBMITTED)
    )
    told = [UUID(target.partition(":")[2]) for target in noted.values_list("target", flat=True)]
    return rows.exclude(pk__in=told).select_related("charge__payer", "charge__payee").order_by("pk")


def remittances_visible_to(actor: Actor) -> QuerySet[Remittance]:
    """What was noted, newest first: all for operators and officers, for a seller what came to itself."""
    rows = Remittance.objects.select_related("payee").order_by("-pk")
    if actor.is_system or actor.can(Scope.AUDIT) or actor.can(Scope.OPERATE):
        return rows
    return rows.filter(payee_id=actor.participant_id) if actor.can(Scope.SELL) else rows.none()


def remittance_visible_to(actor: Actor, remittance_id: UUID) -> Remittance:
    """One of those, or NotFound."""
    if (found := remittances_visible_to(actor).filter(pk=remittance_id).first()) is None:
        raise NotFound("there is no such bank transfer for you")
    return found


def _charge_of(noun: Noun, target_id: UUID) -> Charge:
    charges = Charge.objects.select_related("payee").filter(provider=NAME)
    if noun == "refund":
        charges = charges.filter(pk__in=Refund.objects.filter(pk=target_id).values("charge_id"))
    else:
        charges = charges.filter(pk=target_id)
    if (found := charges.first()) is None:
        raise NotFound(f"there is no such {noun} that is paid by bank transfer")
    return found


def _require_witness(charge: Charge, by: Actor) -> None:
    """Who can have seen the bank account that the money came to."""
    if by.can(Scope.OPERATE):
        return
    by.require(Scope.SELL)
    if not (charge.is_direct and by.acts_for(charge.payee_id)):
        raise Forbidden("an operator notes what came to the exchange’s account", code="not_the_payee")


def _require_another(remittance: Remittance, person: Member, by: Actor) -> None:
    noted = remittance.noted_member
    if remittance.noted_by == by.name or (noted and noted.user_id == person.user_id):
        raise Forbidden("another operator confirms what you have noted", code="same_person")


def _person(by: Actor) -> Member:
    member = members.member_behind(by)
    if member is None:
        raise Forbidden("a person decides this, signed in; a program cannot", code="person_needed")
    return member
