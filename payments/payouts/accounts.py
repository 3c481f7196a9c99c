"""Where parties are paid. A provider tells how far it knows one, or, for payouts by bank transfer, the party gives its
bank details and the operator confirms them; after a change nothing is paid out for some days."""

from datetime import timedelta
from typing import Any, TypeAlias
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, NotFound
from exchange.kernel.states import transition
from exchange.participants.members import members
from exchange.participants.models import Participant
from payments import bank_details, queries
from payments.bank_details import BankDetails
from payments.models import PayoutAccount
from payments.providers import operations, orders
from payments.providers.news import AccountMoved, AccountOpened, AccountRefused

BY_HAND = "manual"
"""The provider of payouts that people make at their bank."""
OTHER_DETAILS, PAYOUTS_FAILED = "bank_details", "payouts_failed"
"""What is missing of an account of that provider."""

AccountNews: TypeAlias = AccountOpened | AccountRefused | AccountMoved
State = PayoutAccount.State
_VERBS = {
    "onboarding": "onboard",
    "ready": "clear",
    "restricted": "restrict",
    "rejected": "reject",
}


@transaction.atomic
def give_bank_details(participant: Participant, details: BankDetails, *, by: Actor) -> PayoutAccount:
    """Say to which bank account payouts go; the operator confirms it. A change stops payouts for the cool-down."""
    _require_own(participant.pk, by)
    account = _locked(_wanted(participant, BY_HAND, by))
    _require_not_rejected(account)
    if account.bank_sealed and bank_details.opened(account.bank_sealed) == details:
        return account
    pause = timedelta(days=settings.EXCHANGE_PAYOUT_COOLDOWN_DAYS) if account.bank_sealed else timedelta()
    changes: dict[str, Any] = {
        "bank_sealed": bank_details.sealed(details),
        "bank_hint": details.hint,
        "pays_from": by.at + pause,
        "requirements": [],
        "failures": 0,
    }
    if account.state == State.ONBOARDING:  # given again before anybody looked
        PayoutAccount.objects.filter(pk=account.pk).update(**changes)
        account.refresh_from_db()
    else:
        account = transition(account, "onboard", by=by, **changes)
    events.record("payoutaccount.given", account, by=by)
    return account


@transaction.atomic
def begin(participant: Participant, *, by: Actor) -> PayoutAccount:
    """Ask the provider of this exchange for an account to pay to; a reaction does. Again only where none was made."""
    _require_own(participant.pk, by)
    account = _locked(_wanted(participant, settings.EXCHANGE_PAYMENT_PROVIDER, by))
    if account.provider == BY_HAND:
        raise Conflict("payouts go by bank transfer here: give your bank details", code="bank_details_needed")
    if account.state == State.WANTED:
        account = transition(account, "onboard", by=by)
        order = orders.AccountOrder(participant_id=participant.pk, country=participant.verified_country)
        operations.plan(order, provider=account.provider, by=by)
    return account


@transaction.atomic
def confirm(account: PayoutAccount, *, by: Actor) -> PayoutAccount:
    """The operator has made sure that the bank account is the party's own: it may be paid out to."""
    _require_operator(account, by)
    account = _locked(account)
    if account.state == State.READY:
        return account
    if not account.bank_sealed:
        raise Conflict("no bank details were given yet", code="bank_details_needed")
    return transition(account, "clear", by=by, requirements=[], failures=0)


@transaction.atomic
def refuse(account: PayoutAccount, *, reason: str, by: Actor) -> PayoutAccount:
    """The operator asks for other bank details: nothing is paid out to these."""
    _require_operator(account, by)
    why = text.reason(reason)
    return transition(account, "restrict", by=by, typed={"reason": why}, requirements=[OTHER_DETAILS])


@transaction.atomic
def stop(account: PayoutAccount, *, failures: int, by: Actor) -> PayoutAccount:
    """Too many payouts failed in a row: a person looks at the bank details before there is another."""
    return transition(account, "restrict", by=by, requirements=[PAYOUTS_FAILED], failures=failures)


@transaction.atomic
def hear(news: AccountNews, *, by: Actor) -> str:
    """Take note of how an account stands at its provider; answers what came of it in one word. A rejected one stays."""
    rows = PayoutAccount.objects.select_for_update().exclude(provider=BY_HAND)
    if isinstance(news, AccountOpened | AccountRefused):
        account = rows.filter(participant_id=news.participant_id).order_by("-pk").first()
    else:
        account = rows.filter(provider_reference=news.account_reference).first()
    if account is None:
        return "unknown_object"
    if account.state == State.REJECTED:
        return "too_late"
    if isinstance(news, AccountOpened):
        return _opened(account, news)
    if isinstance(news, AccountRefused):
        transition(account, "reject", by=by, requirements=[news.reason[:200]])
        return "rejected"
    if account.state == news.state:
        PayoutAccount.objects.filter(pk=account.pk).update(requirements=news.requirements)
    else:
        transition(account, _VERBS[news.state], by=by, requirements=news.requirements)
    return news.state


def require_payable(account: PayoutAccount, by: Actor) -> None:
    """Refuse an account that may not be paid out to at this moment."""
    if account.state != State.READY:
        raise Conflict(
            f"this account is {account.state}: nothing can be paid out to it", code="payout_account_not_ready"
        )
    if account.pays_from is not None and by.at < account.pays_from:
        raise Conflict(
            f"its bank details were changed; payouts go on on {account.pays_from:%Y-%m-%d}", code="cooling_down"
        )


def accounts_visible_to(actor: Actor) -> QuerySet[PayoutAccount]:
    """The payout accounts of the actor's organisation; operators and officers see that there is one for each party."""
    rows = PayoutAccount.objects.select_related("participant").order_by("-pk")
    if actor.is_system or actor.can(Scope.OPERATE) or actor.can(Scope.AUDIT):
        return rows
    return rows.filter(participant=actor.participant_id) if queries.reads_own(actor) else rows.none()


def to_confirm(actor: Actor) -> QuerySet[PayoutAccount]:
    """The bank accounts that a person has to look at: given anew, or stopped after payouts that did not arrive."""
    asked = Q(state=State.ONBOARDING) | Q(state=State.RESTRICTED, requirements=[PAYOUTS_FAILED])
    return accounts_visible_to(actor).filter(asked, provider=BY_HAND)


def account_visible_to(actor: Actor, account_id: UUID) -> PayoutAccount:
    """One of those accounts, or NotFound."""
    if (found := accounts_visible_to(actor).filter(pk=account_id).first()) is None:
        raise NotFound("there is no such payout account for you")
    return found


def is_by_hand() -> bool:
    """Whether people make the payouts of this exchange, at their bank."""
    return bool(settings.EXCHANGE_PAYMENT_PROVIDER == BY_HAND)


def own(participant_id: UUID) -> PayoutAccount | None:
    """Where a participant is paid by the provider of this exchange, if it has begun to be."""
    provider = settings.EXCHANGE_PAYMENT_PROVIDER
    return PayoutAccount.objects.filter(participant_id=participant_id, provider=provider).first()


def lock_all(participant_id: UUID) -> list[PayoutAccount]:
    """Every account of a participant, held until the end of the transaction: what is paid to it, set off and taken back
    is decided one after another."""
    rows = PayoutAccount.objects.select_for_update().filter(participant_id=participant_id)
    return list(rows.order_by("pk"))


def _opened(account: PayoutAccount, news: AccountOpened) -> str:
    if account.provider_reference not in ("", news.account_reference):
        return "unknown_object"
    PayoutAccount.objects.filter(pk=account.pk).update(provider_reference=news.account_reference)
    return "onboarding"


def _wanted(participant: Participant, provider: str, by: Actor) -> PayoutAccount:
    if provider != settings.EXCHANGE_PAYMENT_PROVIDER or provider == "off":
        raise Conflict("this exchange does not pay out this way", code="paid_elsewhere")
    found = PayoutAccount.objects.filter(participant=participant, provider=provider).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return PayoutAccount.objects.create(participant=participant, provider=provider, created_at=by.at)
    except IntegrityError:  # a rival made it
        return PayoutAccount.objects.get(participant=participant, provider=provider)


def _locked(account: PayoutAccount) -> PayoutAccount:
    return PayoutAccount.objects.select_for_update().get(pk=account.pk)


def _require_own(participant_id: UUID, by: Actor) -> None:
    by.require(Scope.MANAGE)
    if not by.acts_for(participant_id):
        raise Forbidden("only its own members say where an organisation is paid", code="not_the_party")
    members.require_cleared(participant_id)


def _require_operator(account: PayoutAccount, by: Actor) -> None:
    by.require(Scope.OPERATE)
    if account.provider != BY_HAND:
        raise Conflict("its provider decides about this account", code="paid_elsewhere")
    if not by.is_system and by.participant_id == account.participant_id:
        raise Forbidden("nobody confirms the bank details of their own organisation", code="own_account")


def _require_not_rejected(account: PayoutAccount) -> None:
    if account.state == State.REJECTED:
        raise Conflict("this account was rejected; talk to the operator", code="payout_account_rejected")
