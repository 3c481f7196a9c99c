"""Connected accounts of v2: recipients of transfers, what is still wanted of them, and the links that onboard them."""

from typing import Any

from tests.fakes.stripe.forms import missing
from tests.fakes.stripe.refusals import absent, invalid
from tests.fakes.stripe.routes import Call, merged, numbered_page, route
from tests.fakes.stripe.world import World, instant

Json = dict[str, Any]
LINK_SECONDS = 300
_SHOWN = ("configuration.customer", "configuration.merchant", "configuration.recipient")
_PLAIN = ("contact_email", "contact_phone", "display_name", "dashboard")
_URL = "/v2/core/accounts/"


@route("POST", "/v2/core/accounts")
def create_account(call: Call) -> Json:
    world, given = call.world, call.given
    recipient = given.get("configuration", {}).get("recipient")
    country = given.get("identity", {}).get("country")
    if recipient is None:
        raise AssertionError("the fake has recipients alone")
    if country is None:
        raise invalid("identity.country is required.", code="identity_country_required")
    responsibilities = given.get("defaults", {}).get("responsibilities")
    if responsibilities is None:
        raise missing("defaults.responsibilities")
    made = world.new(
        "v2.core.account",
        "acct_1",
        length=16,
        created=instant(world.now),
        applied_configurations=["recipient"],
        closed=False,
        identity={"country": country.lower()} | _entity(given),
        defaults=_defaults(given, responsibilities),
        metadata=merged({}, given.get("metadata")),
    )
    made |= {name: given[name] for name in _PLAIN if name in given}
    world.notes[made["id"]] |= {"state": "new", "links": []}
    _configure(made, "restricted", "requirements_past_due")
    made["requirements"] = _requirements()
    _tell(world, made, "created")
    return _as_asked(call, made)


def _entity(given: Json) -> Json:
    kind = given["identity"].get("entity_type")
    return {"entity_type": kind} if kind else {}


def _defaults(given: Json, responsibilities: Json) -> Json:
    told = {name: given["defaults"][name] for name in ("currency", "locales") if name in given["defaults"]}
    return told | {"responsibilities": responsibilities | {"requirements_collector": "stripe"}}


def _configure(account: Json, status: str, reason: str = "") -> None:
    details = [{"code": reason, "resolution": "provide_info"}] if reason else []
    transfers = {"status": status, "status_details": details}
    account["configuration"] = {
        "recipient": {"applied": True, "capabilities": {"stripe_balance": {"stripe_transfers": transfers}}}
    }


def _wanted() -> Json:
    deadline = {"status": "past_due"}
    restricted = {
        "capability": "stripe_balance.stripe_transfers",
        "configuration": "recipient",
        "deadline": deadline,
    }
    return {
        "awaiting_action_from": "user",
        "description": "identity.business_details.registered_name",
        "errors": [],
        "impact": {"restricts_capabilities": [restricted]},
        "minimum_deadline": deadline,
        "requested_reasons": [{"code": "routine_onboarding"}],
    }


def _requirements() -> Json:
    return {"entries": [_wanted()], "summary": {"minimum_deadline": {"status": "past_due"}}}


def move(world: World, account: Json, status: str) -> None:
    """Set whether transfers reach an account: active, pending, restricted, or unsupported."""
    reasons = {
        "active": "",
        "pending": "determining_status",
        "restricted": "requirements_past_due",
        "unsupported": "unsupported_business",
    }
    _configure(account, status, reasons[status])
    account["requirements"] = _requirements() if status == "restricted" else {"entries": []}
    _tell(world, account, "[requirements].updated")
    _tell(world, account, "[configuration.recipient].capability_status_updated")


def is_ready(account: Json) -> bool:
    """Whether transfers reach it."""
    capabilities = account["configuration"]["recipient"]["capabilities"]
    return bool(capabilities["stripe_balance"]["stripe_transfers"]["status"] == "active")


def _tell(world: World, account: Json, what: str) -> None:
    dot = "" if what.startswith("[") else "."
    world.tell_thinly(f"v2.core.account{dot}{what}", account, f"{_URL}{account['id']}")


@route("GET", "/v2/core/accounts/{id}")
def retrieve_account(call: Call) -> Json:
    return _as_asked(call, _find(call.world, call.path["id"], status=404))


@route("POST", "/v2/core/accounts/{id}")
def update_account(call: Call) -> Json:
    account = _find(call.world, call.path["id"], status=404)
    account["metadata"] = merged(account["metadata"], call.given.get("metadata"))
    account |= {name: call.given[name] for name in _PLAIN if name in call.given}
    _tell(call.world, account, "updated")
    return _as_asked(call, account)


@route("GET", "/v2/core/accounts")
def list_accounts(call: Call) -> Json:
    wanted = set(call.given.get("applied_configurations", ()))
    found = [one for one in call.world.all("v2.core.account") if wanted <= set(one["applied_configurations"])]
    return numbered_page(call, [_bare(one) for one in found])


def _as_asked(call: Call, account: Json) -> Json:
    """Only what `include` names is shown of the larger parts."""
    wanted = call.given.get("include", ())
    answer = _bare(account)
    for name in ("defaults", "identity", "requirements"):
        if name in wanted:
            answer[name] = account[name]
    shown = {name.partition(".")[2] for name in wanted if name in _SHOWN}
    if shown:
        answer["configuration"] = {
            name: told for name, told in account["configuration"].items() if name in shown
        }
    return answer


def _bare(account: Json) -> Json:
    hidden = ("configuration", "defaults", "identity", "requirements")
    return {name: value for name, value in account.items() if name not in hidden}


@route("POST", "/v2/core/account_links")
def create_account_link(call: Call) -> Json:
    world, given = call.world, call.given
    account = _find(world, given["account"])
    case = given["use_case"]
    if case["type"] not in case:
        raise missing(f"use_case.{case['type']}")
    name = world.id("link_", 32)
    link = {
        "object": "v2.core.account_link",
        "account": account["id"],
        "created": instant(world.now),
        "expires_at": instant(world.now + LINK_SECONDS),
        "livemode": False,
        "url": f"{world.url}/onboarding/{name}",
        "use_case": case,
    }
    world.objects[name] = link
    world.owners[name] = world.asked.account
    world.notes[name] = {"number": 0, "until": world.now + LINK_SECONDS, "is_used": False, "name": name}
    return link


def is_used_up(world: World, link: Json) -> bool:
    """Whether a link was opened before, or is too old."""
    notes = world.notes[link["url"].rpartition("/")[2]]
    return bool(notes["is_used"] or notes["until"] <= world.now)


def use_up(world: World, link: Json) -> None:
    """A link is good once."""
    world.notes[link["url"].rpartition("/")[2]]["is_used"] = True


def _find(world: World, name: str, *, status: int = 400) -> Json:
    found = world.objects.get(name)
    if found is None or found["object"] != "v2.core.account":
        raise absent("v2.core.account", name, "id", status=status)
    return found
