"""The pages that Stripe hosts: where a buyer pays, where a bank asks its holder, and where a seller is onboarded. Each
says that it is a fake; all of them work by keyboard and without scripts."""

from collections.abc import Callable
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.fakes.stripe import accounts, checkout, intents, setups
from tests.fakes.stripe.cards import CARDS
from tests.fakes.stripe.refusals import Refusal
from tests.fakes.stripe.world import Asked, World

Json = dict[str, Any]
Shown = tuple[int, bytes, dict[str, str]]
_ZERO_DECIMALS = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
_THREE_DECIMALS = frozenset("bhd jod kwd omr tnd".split())
_STYLE = """
body{font:1rem/1.5 system-ui,sans-serif;margin:0;background:#f4f5f7;color:#1c2430}
main{max-width:30rem;margin:2rem auto;padding:2rem;background:#fff;border:1px solid #d5d9e0;border-radius:.5rem}
.fake{background:#1c2430;color:#fff;padding:.75rem 1rem;text-align:center;margin:0}
h1{font-size:1.25rem;margin:0 0 .25rem}.total{font-size:2rem;margin:.25rem 0 1.25rem}
label{display:block;margin:.75rem 0 .25rem;font-weight:600}
input:not([type=radio]){width:100%;box-sizing:border-box;font:inherit;padding:.6rem;border:1px solid #6b7482;
border-radius:.25rem}
fieldset{border:0;padding:0;margin:1rem 0 0}legend{font-weight:600}fieldset label{display:inline;font-weight:400}
button{font:inherit;font-weight:600;padding:.7rem 1.25rem;border-radius:.25rem;border:1px solid #1c2430;
background:#fff;color:#1c2430;margin:1.25rem .5rem 0 0}button.main{background:#4338ca;border-color:#4338ca;color:#fff}
:focus-visible{outline:3px solid #f59e0b;outline-offset:2px}
.error{background:#fdecec;border-left:4px solid #b42318;padding:.75rem;color:#7a1710}
a{color:#4338ca}
"""


def shown(world: World, method: str, path: str, query: str, body: bytes) -> Shown:
    """The page at a path, or what follows from its form."""
    _, _, rest = path.partition("/")
    place, _, name = rest.rpartition("/")
    given = dict(parse_qsl(body.decode() if method == "POST" else query))
    page = _PAGES.get(place)
    known = world.objects.get(name)
    if page is None or known is None:
        return _page(404, "Not here", "<h1>There is nothing here</h1>")
    before, world.asked = world.asked, Asked(world.owners[name])
    try:
        return page(world, known, given, method == "POST")
    finally:
        world.asked = before


def _pay(world: World, session: Json, given: dict[str, str], is_sent: bool) -> Shown:
    if session["status"] == "expired":
        return _page(200, "Expired", "<h1>This page has expired</h1><p>Nothing was paid.</p>")
    if session["status"] == "complete":
        return _gone(_success_url(session))
    if not is_sent:
        return _form(session, {}, world.notes[session["id"]].pop("wrong", ""))
    number = given.get("iban" if given.get("method") == "sepa_debit" else "card", "").replace(" ", "").upper()
    card = CARDS.get(number)
    if card is None:
        return _form(session, given, "Your card number or IBAN is not one of Stripe's tests.")
    who = {name: given[name] for name in ("name", "email") if given.get(name)}
    try:
        intent = checkout.submit(world, session, card, who)
    except Refusal as refusal:
        return _form(session, given, str(refusal.error["message"]))
    if intent["status"] == "requires_action":
        return _gone(f"{world.url}/authenticate/{intent['id']}")
    return _gone(_success_url(session))


def _success_url(session: Json) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _form(session: Json, given: dict[str, str], wrong: str) -> Shown:
    is_setup = session["mode"] == "setup"
    title = "Keep a payment method" if is_setup else "Pay"
    total = "" if is_setup else f'<p class="total">{escape(shown_amount(session))}</p>'
    error = f'<p class="error" role="alert">{escape(wrong)}</p>' if wrong else ""
    kinds = session["payment_method_types"]
    chosen = given.get("method", kinds[0])
    words = {"card": "Card", "sepa_debit": "SEPA debit"}
    radios = "".join(
        f'<p><input type="radio" name="method" id="m_{kind}" value="{kind}"{" checked" if kind == chosen else ""}> '
        f'<label for="m_{kind}">{words[kind]}</label></p>'
        for kind in kinds
    )
    email = given.get("email") or session["customer_email"] or ""
    fields = _field("email", "Email", email, "email") + _field("name", "Name", given.get("name", ""), "name")
    if "card" in kinds:
        fields += _field("card", "Card number", given.get("card", ""), "cc-number")
        fields += _field("expiry", "Expiry", given.get("expiry", ""), "cc-exp")
        fields += _field("cvc", "Security code", "", "cc-csc")
    if "sepa_debit" in kinds:
        fields += _field("iban", "IBAN", given.get("iban", ""), "off")
    back = session["cancel_url"]
    leave = f'<p><a href="{escape(back)}">Go back without paying</a></p>' if back else ""
    form = (
        f'{total}{error}<form method="post"><fieldset><legend>How</legend>{radios}</fieldset>{fields}'
        f'<button class="main">{"Keep it" if is_setup else "Pay"}</button></form>{leave}'
    )
    return _page(402 if wrong else 200, title, f"<h1>{title}</h1>{form}")


def _field(name: str, label: str, value: str, autocomplete: str) -> str:
    told = f'value="{escape(value)}" autocomplete="{autocomplete}"'
    return f'<label for="{name}">{label}</label><input id="{name}" name="{name}" {told}>'


def _authenticate(world: World, intent: Json, given: dict[str, str], is_sent: bool) -> Shown:
    """Where the bank asks its holder: complete, fail, or leave."""
    if intent["status"] != "requires_action":
        return _page(200, "Done", "<h1>Your bank asks for nothing</h1>")
    if not is_sent:
        asked = (
            "<h1>Your bank wants to know that it is you</h1><p>3-D Secure, as a test: choose what happens.</p>"
            '<form method="post"><button class="main" name="answer" value="complete">Complete</button>'
            '<button name="answer" value="fail">Fail</button>'
            '<button name="answer" value="abandon">Leave</button></form>'
        )
        return _page(200, "3-D Secure", asked)
    session = world.objects.get(world.notes[intent["id"]].get("session", ""))
    if given.get("answer") == "abandon":
        back = session["cancel_url"] if session else _return_url(intent)
        return _gone(back or world.url)
    wrong = _answer(world, intent, is_holder=given.get("answer") == "complete")
    if session is None:
        return _page(200, "Done", f"<h1>{escape(wrong) or 'Thank you'}</h1>")
    if wrong:
        world.notes[session["id"]]["wrong"] = wrong
        return _gone(session["url"] or _success_url(session))
    checkout.completed(world, session)
    return _gone(_success_url(session))


def _answer(world: World, intent: Json, *, is_holder: bool) -> str:
    verbs = setups if intent["object"] == "setup_intent" else intents
    try:
        verbs.answer_challenge(world, intent, is_holder=is_holder)
    except Refusal as refusal:
        return str(refusal.error["message"])
    return "" if is_holder else "We could not verify you. Choose another payment method and try again."


def _return_url(intent: Json) -> str:
    told = intent["next_action"]["redirect_to_url"]["return_url"]
    if not told:
        return ""
    names = urlencode({intent["object"]: intent["id"], "redirect_status": "failed"})
    return f"{told}{'&' if urlsplit(told).query else '?'}{names}"


def _onboard(world: World, link: Json, given: dict[str, str], is_sent: bool) -> Shown:
    """Where a seller tells Stripe who it is."""
    details = link["use_case"][link["use_case"]["type"]]
    if accounts.is_used_up(world, link):
        return _gone(details["refresh_url"])
    account = world.objects[link["account"]]
    if not is_sent:
        asked = (
            "<h1>Tell Stripe who you are</h1><p>Onboarding, as a test: choose how it ends.</p>"
            '<form method="post"><button class="main" name="answer" value="active">Complete</button>'
            '<button name="answer" value="pending">Complete, and wait for a check</button>'
            '<button name="answer" value="restricted">Leave something out</button></form>'
        )
        return _page(200, "Onboarding", asked)
    accounts.use_up(world, link)
    accounts.move(world, account, given.get("answer", "restricted"))
    return _gone(details.get("return_url", details["refresh_url"]))


def shown_amount(session: Json) -> str:
    """An amount with as many decimals as its currency has."""
    minor, currency = session["amount_total"], session["currency"]
    decimals = 0 if currency in _ZERO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2
    digits = str(minor).rjust(decimals + 1, "0")
    whole = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return f"{whole} {currency.upper()}"


def _gone(url: str) -> Shown:
    return 303, b"", {"Location": url}


def _page(status: int, title: str, body: str) -> Shown:
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}: a fake of Stripe</title>'
        f'<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><style>{_STYLE}</style>'
        '</head><body><header><p class="fake">This is a fake of Stripe, for tests. No money moves.</p></header>'
        f"<main>{body}</main></body></html>"
    )
    return status, text.encode(), {}


_PAGES: dict[str, Callable[[World, Json, dict[str, str], bool], Shown]] = {
    "c/pay": _pay,
    "authenticate": _authenticate,
    "onboarding": _onboard,
}
