"""System checks that refuse a bad deployment at start."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from contracts.terms import address_countries
from exchange.kernel.errors import ExchangeError, Invalid
from infra import environment
from payments import bank_details


@register
def deployment(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    found: list[CheckMessage] = [
        Error(
            f"{name} is not a setting of this exchange", hint="See docs/operate/settings.md.", id="infra.E001"
        )
        for name in environment.unknown()
    ]
    if settings.EXCHANGE_PAYMENT_PROVIDER == "demo" and not settings.EXCHANGE_DEMO:
        found.append(
            Error(
                "the demo payment provider moves no money and is refused outside demo mode",
                hint="Set EXCHANGE_PAYMENT_PROVIDER to a real provider, or to off.",
                id="infra.E002",
            )
        )
    if settings.EXCHANGE_STORAGE == "s3" and not settings.EXCHANGE_S3_BUCKET:
        found.append(Error("EXCHANGE_STORAGE is s3 but EXCHANGE_S3_BUCKET is empty", id="infra.E003"))
    if settings.EXCHANGE_SECRET_KEY and len(settings.EXCHANGE_SECRET_KEY) < 50:
        found.append(Error("EXCHANGE_SECRET_KEY must have 50 characters or more", id="infra.E004"))
    if len(settings.EXCHANGE_WITNESSES) < settings.EXCHANGE_WITNESS_QUORUM:
        found.append(
            Error(
                f"EXCHANGE_WITNESS_QUORUM is {settings.EXCHANGE_WITNESS_QUORUM}, and EXCHANGE_WITNESSES names "
                f"{len(settings.EXCHANGE_WITNESSES)}",
                id="infra.E005",
            )
        )
    if settings.EXCHANGE_ADDRESS_COUNTRIES:
        try:
            address_countries.load(settings.EXCHANGE_ADDRESS_COUNTRIES)
        except Invalid as refusal:
            found.append(Error(f"EXCHANGE_ADDRESS_COUNTRIES cannot be used: {refusal.detail}", id="infra.E006"))
    if not settings.EXCHANGE_DEMO and settings.EXCHANGE_URL.startswith("http://"):
        found.append(Warning("EXCHANGE_URL is not https: tokens would travel in the open", id="infra.W001"))
    return found


@register
def stripe_payment(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """Half of Stripe is none: without its key nothing is asked, without a signing secret nothing is heard."""
    needed = ("EXCHANGE_STRIPE_SECRET_KEY", "EXCHANGE_STRIPE_WEBHOOK_SECRET")
    found: list[CheckMessage] = []
    if settings.EXCHANGE_PAYMENT_PROVIDER == "stripe":
        found += [
            Error(
                f"EXCHANGE_PAYMENT_PROVIDER is stripe but {name} is empty",
                hint="See docs/operate/stripe.md.",
                id="infra.E007",
            )
            for name in needed
            if not getattr(settings, name)
        ]
    if settings.EXCHANGE_STRIPE_API_URL and not settings.EXCHANGE_DEMO:
        found.append(
            Error("EXCHANGE_STRIPE_API_URL names a stand-in for Stripe outside demo mode", id="infra.E008")
        )
    return found


@register
def manual_payment(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """In which role the operator takes part in payment by bank transfer decides who supplies the buyer."""
    role = settings.EXCHANGE_MANUAL_ROLE
    if settings.EXCHANGE_PAYMENT_PROVIDER != "manual":
        return []
    if not role:
        return [
            Warning(
                "payment by bank transfer is off: holding others' money needs a licence",
                hint="Set EXCHANGE_MANUAL_ROLE to direct or to reseller.",
                id="infra.W003",
            )
        ]
    found: list[CheckMessage] = []
    needed = "intermediary" if role == "direct" else "deemed_supplier"
    if needed != settings.EXCHANGE_VAT_ROLE:
        found.append(
            Error(
                f"EXCHANGE_MANUAL_ROLE is {role}, and EXCHANGE_VAT_ROLE is {settings.EXCHANGE_VAT_ROLE}",
                hint=f"Who is paid supplies the buyer: set EXCHANGE_VAT_ROLE to {needed}.",
                id="infra.E009",
            )
        )
    try:
        if role == "reseller":
            bank_details.of_the_house()
    except ExchangeError:
        found.append(Error("EXCHANGE_BANK_IBAN or EXCHANGE_BANK_BIC is missing or malformed", id="infra.E010"))
    return found


@register
def intermediation(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """A notification is shown whole or not at all."""
    needed = ("AUTHORITY", "DATE", "ENTITY")
    missing = [name for name in needed if not getattr(settings, f"EXCHANGE_INTERMEDIATION_{name}")]
    if not settings.EXCHANGE_INTERMEDIATION:
        return []
    return [
        Error(
            f"EXCHANGE_INTERMEDIATION is set but EXCHANGE_INTERMEDIATION_{name} is empty",
            hint="See docs/operate/intermediation.md.",
            id="infra.E011",
        )
        for name in missing
    ]
