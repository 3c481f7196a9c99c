"""Accounts of who is paid out to: opened here, filled in at Stripe by who holds them, ready when Stripe says so."""

from uuid import UUID

import stripe
from django.conf import settings
from django.urls import reverse
from stripe.params.v2.core import AccountCreateParams

from exchange.participants.models import Member, Participant
from payments.providers import orders
from payments.providers.news import AccountMoved, AccountState

_REJECTED = "rejected"


def open_account(client: stripe.StripeClient, order: orders.AccountOrder, key: str, operation_id: UUID) -> str:
    """An account that only receives: the exchange bears its costs and its losses."""
    participant = Participant.objects.get(pk=order.participant_id)
    params: AccountCreateParams = {
        "display_name": participant.name,
        "dashboard": "express",
        "identity": {"country": order.country.lower()},
        "configuration": {
            "recipient": {
                "capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}},
            }
        },
        "defaults": {
            "responsibilities": {"fees_collector": "application", "losses_collector": "application"},
        },
        "metadata": {"participant": str(order.participant_id), "operation": str(operation_id)},
    }
    if contact := _contact(participant):
        params["contact_email"] = contact
    return client.v2.core.accounts.create(params, {"idempotency_key": key}).id


def onboarding_link(client: stripe.StripeClient, account: str) -> str:
    """Good once and for minutes. What came of it Stripe tells."""
    back = settings.EXCHANGE_URL + reverse("sell_payouts")
    link = client.v2.core.account_links.create(
        {
            "account": account,
            "use_case": {
                "type": "account_onboarding",
                "account_onboarding": {
                    # the pinned version wants it; the types of the SDK are of a newer one
                    "configurations": ["recipient"],  # type: ignore[typeddict-unknown-key]
                    "refresh_url": back,
                    "return_url": back,
                },
            },
        }
    )
    return link.url


def moved(client: stripe.StripeClient, account: str) -> AccountMoved:
    """Whether transfers to the account are possible now, and what Stripe still wants of its holder."""
    found = client.v2.core.accounts.retrieve(account, {"include": ["configuration.recipient", "requirements"]})
    entries = (found.requirements.entries or []) if found.requirements else []
    wanted = sorted({one.description for one in entries if one.awaiting_action_from == "user"})
    return AccountMoved(account, _state(found, is_asked=bool(wanted)), wanted)


def _state(found: stripe.v2.core.Account, *, is_asked: bool) -> AccountState:
    recipient = found.configuration.recipient if found.configuration else None
    balance = recipient.capabilities.stripe_balance if recipient and recipient.capabilities else None
    transfers = balance.stripe_transfers if balance else None
    if found.closed or transfers is None:
        return "rejected" if found.closed else "onboarding"
    codes = {one.code for one in transfers.status_details or []}
    if transfers.status in (_REJECTED, "unsupported") or any(code.startswith(_REJECTED) for code in codes):
        return "rejected"
    if transfers.status == "active":
        return "ready"
    is_new = transfers.status == "pending" or (is_asked and "requirements_past_due" in codes)
    return "onboarding" if is_new else "restricted"


def _contact(participant: Participant) -> str:
    """The address of the member who manages it for the longest time."""
    managers = Member.objects.filter(participant=participant, role=Member.Role.MANAGER, removed_at=None)
    first = managers.select_related("user").order_by("joined_at").first()
    return first.user.email if first is not None else settings.EXCHANGE_CONTACT
