"""The routes of paying by a provider outside: its page for a charge, ways to pay that it keeps, and the doors where it
tells what moved."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from exchange.kernel.errors import Forbidden
from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery
from exchange.participants import queries as participants
from exchange.participants.actors.auth import ApiRequest
from payments import queries
from payments.charges import charges, methods
from payments.checkouts.method_schemas import KeepIn, MethodOut, PageToPayOut
from payments.inbox import catch_up, webhooks
from payments.schemas import ChargeOut

router = Router(tags=["payments"])


@router.post("/charges/{uuid:charge_id}/checkout", response=PageToPayOut)
def open_checkout(request: ApiRequest, charge_id: UUID) -> PageToPayOut:
    """The provider's page where you pay now. `url` is empty while the provider still makes it: ask again."""
    charge = queries.charge_visible_to(request.auth, charge_id)
    return PageToPayOut(url=charges.page_to_pay(charge, by=request.auth))


@router.post("/charges/{uuid:charge_id}/look", response=ChargeOut)
def look_at_charge(request: ApiRequest, charge_id: UUID) -> ChargeOut:
    """Have the provider asked what is true of a charge; what comes of it shows a moment later."""
    charge = queries.charge_visible_to(request.auth, charge_id)
    catch_up.look(charge, by=request.auth)
    return ChargeOut.of(charge, request.auth)


@router.get("/payment-methods", response=PageOut[MethodOut])
def list_methods(request: ApiRequest, asked: Query[PageQuery]) -> PageOut[MethodOut]:
    """The ways to pay that are kept for you, newest first."""
    found = page(methods.methods_visible_to(request.auth), cursor=asked.cursor, limit=asked.limit)
    return PageOut(items=[MethodOut.of(row) for row in found.items], next_cursor=found.next_cursor)


@router.post("/payment-methods", response=PageToPayOut)
def keep_method(request: ApiRequest, given: KeepIn) -> PageToPayOut:
    """Agree to have a way to pay kept for later charges. `url` is the provider's page where you give it, empty while
    the provider still makes it: ask again."""
    if request.auth.participant_id is None:
        raise Forbidden("only an organisation has ways to pay", code="not_the_payer")
    payer = participants.participant(request.auth.participant_id)
    return PageToPayOut(url=methods.ask_to_keep(payer, currency=given.currency, by=request.auth).url)


@router.post("/payment-methods/{uuid:method_id}/end", response=MethodOut)
def end_method(request: ApiRequest, method_id: UUID) -> MethodOut:
    """Take your consent back: nothing is collected by it any more."""
    method = methods.method_visible_to(request.auth, method_id)
    return MethodOut.of(methods.end(method, by=request.auth))


@router.post("/webhooks/stripe", auth=None, tags=["webhooks of providers"])
def hear_stripe(request: HttpRequest) -> HttpResponse:
    """Where Stripe tells what moved, in events that carry their object. It signs what it sends."""
    return webhooks.stripe_snapshot(request)


@router.post("/webhooks/stripe-thin", auth=None, tags=["webhooks of providers"])
def hear_stripe_thin(request: HttpRequest) -> HttpResponse:
    """Where Stripe tells what moved, in events that name their object alone. It signs what it sends."""
    return webhooks.stripe_thin(request)
