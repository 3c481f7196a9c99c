"""Stripe's test cards and test bank accounts, and what each of them does."""

from dataclasses import dataclass
from typing import Any

from tests.fakes.stripe.refusals import Refusal, declined
from tests.fakes.stripe.world import World

Json = dict[str, Any]


@dataclass(frozen=True)
class Card:
    """A test card, or with a `country` and no brand a test bank account."""

    number: str
    brand: str = "visa"
    country: str = "US"
    decline: str = ""
    """The reason that its bank gives for a no."""
    asks: str = "never"
    """Whether its bank asks its holder: never, unless_set_up, or always."""
    is_disputed: bool = False
    refund: str = "succeeded"
    """How a refund to it goes: succeeded, pending (and then succeeded), or fails_later."""
    is_available_at_once: bool = False
    fails_later: bool = False
    """Of a bank account: whether the debit comes back."""

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def is_bank(self) -> bool:
        return not self.number[0].isdigit()


_ALL = (
    Card("4242424242424242"),
    Card("4000002500000003", country="FR"),
    Card("5555555555554444", brand="mastercard"),
    Card("4000000000000077", is_available_at_once=True),
    Card("4000000000000002", decline="generic_decline"),
    Card("4000000000009995", decline="insufficient_funds"),
    Card("4000000000009987", decline="lost_card"),
    Card("4000000000009979", decline="stolen_card"),
    Card("4000000000000069", decline="expired_card"),
    Card("4000000000000127", decline="incorrect_cvc"),
    Card("4000000000000119", decline="processing_error"),
    Card("4000002500003155", asks="unless_set_up"),
    Card("4000002760003184", asks="always"),
    Card("4000008260003178", asks="always", decline="insufficient_funds"),
    Card("4000000000000259", is_disputed=True),
    Card("4000000000007726", refund="pending"),
    Card("4000000000005126", refund="fails_later"),
    Card("DE89370400440532013000", country="DE"),
    Card("DE62370400440532013001", country="DE", fails_later=True),
    Card("DE35370400440532013002", country="DE", is_disputed=True),
    Card("FR1420041010050500013M02606", country="FR"),
    Card("FR8420041010050500013M02607", country="FR", fails_later=True),
)
CARDS = {card.number: card for card in _ALL}
TOKENS = {
    "card_visa": "4242424242424242",
    "card_mastercard": "5555555555554444",
    "card_bypassPending": "4000000000000077",
    "card_visa_chargeDeclined": "4000000000000002",
    "card_chargeDeclined": "4000000000000002",
    "card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "card_chargeDeclinedExpiredCard": "4000000000000069",
    "card_chargeDeclinedIncorrectCvc": "4000000000000127",
    "card_chargeDeclinedProcessingError": "4000000000000119",
    "card_threeDSecureOptional": "4000002500003155",
    "card_authenticationRequiredOnSetup": "4000002500003155",
    "card_authenticationRequired": "4000002760003184",
    "card_authenticationRequiredChargeDeclinedInsufficientFunds": "4000008260003178",
    "card_createDispute": "4000000000000259",
    "card_pendingRefund": "4000000000007726",
    "card_refundFail": "4000000000005126",
}
"""Names that stand for a card: `pm_card_visa` and `tok_visa` in Stripe's own tests."""
_WORDS = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "authentication_required": ("Your card was declined. This transaction requires authentication."),
}
_OWN_CODES = frozenset({"expired_card", "incorrect_cvc", "processing_error", "authentication_required"})


def method_for(world: World, card: Card, **values: Any) -> Json:
    """A payment method of this card or bank account."""
    details: Json = world.blank("payment_method_sepa_debit" if card.is_bank else "payment_method_card")
    fingerprint = f"Fp{card.number[-14:]}"
    if card.is_bank:
        details |= {"country": card.country, "last4": card.last4, "fingerprint": fingerprint}
    else:
        details |= {
            "brand": card.brand,
            "display_brand": card.brand,
            "country": card.country,
            "exp_month": 12,
            "exp_year": 2034,
            "funding": "credit",
            "last4": card.last4,
            "fingerprint": fingerprint,
        }
    kind = "sepa_debit" if card.is_bank else "card"
    who = world.blank("billing_details") | values.pop("billing_details", {})
    values = {"type": kind, kind: details, "billing_details": who, "allow_redisplay": "unspecified"} | values
    made = world.new("payment_method", "pm_1", **values)
    world.notes[made["id"]] |= {"card": card, "is_set_up": False}
    return made


def charge_details(world: World, method: Json) -> Json:
    """What a charge shows of the payment method."""
    kind = method["type"]
    details = world.blank(f"payment_method_details_{kind}")
    shown = method[kind]
    details |= {name: value for name, value in shown.items() if name in details}
    if kind == "card":
        details |= {"exp_month": shown["exp_month"], "exp_year": shown["exp_year"], "network": shown["brand"]}
    return {"type": kind, kind: details}


def said_no(reason: str, **told: Any) -> Refusal:
    """The refusal that a decline of this reason is."""
    code = reason if reason in _OWN_CODES else "card_declined"
    message = _WORDS.get(reason, "Your card was declined.")
    decline_code = reason if code in ("card_declined", "authentication_required") else ""
    return declined(code, message, decline_code=decline_code, **told)
