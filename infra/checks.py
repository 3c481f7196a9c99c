"""System checks that refuse a bad deployment at start."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from contracts import address_countries
from exchange.kernel.errors import Invalid
from infra import environment


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
