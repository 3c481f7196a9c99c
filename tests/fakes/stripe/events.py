"""The list of what happened in the last thirty days, delivered or not, and the events of v2 one by one."""

from fnmatch import fnmatch
from typing import Any

from tests.fakes.stripe.refusals import absent
from tests.fakes.stripe.routes import Call, numbered_page, page, route, within
from tests.fakes.stripe.world import DAY

Json = dict[str, Any]
KEPT_DAYS = 30


@route("GET", "/v1/events")
def list_events(call: Call) -> Json:
    found = within(call, [one for one in call.world.all("event") if _is_kept(call, one)])
    kinds = call.given.get("types") or ([call.given["type"]] if "type" in call.given else ["*"])
    found = [one for one in found if any(fnmatch(one["type"], kind) for kind in kinds)]
    if "delivery_success" in call.given:
        late = {one["id"] for one in found if call.world.courier.is_undelivered(one["id"])}
        found = [one for one in found if (one["id"] in late) != call.given["delivery_success"]]
    return page(call, found)


def _is_kept(call: Call, event: Json) -> bool:
    return bool(event["created"] + KEPT_DAYS * DAY > call.world.now)


@route("GET", "/v1/events/{id}")
def retrieve_event(call: Call) -> Json:
    found = call.world.get("event", call.path["id"], status=404)
    if not _is_kept(call, found):
        raise absent("event", found["id"], "id", status=404)
    return found


@route("GET", "/v2/core/events")
def list_thin_events(call: Call) -> Json:
    given = call.given
    found = within(call, call.world.all("v2.core.event"))
    if "types" in given:
        found = [one for one in found if one["type"] in given["types"]]
    if "object_id" in given:
        found = [one for one in found if one["related_object"]["id"] == given["object_id"]]
    return numbered_page(call, found)


@route("GET", "/v2/core/events/{id}")
def retrieve_thin_event(call: Call) -> Json:
    return call.world.get("v2.core.event", call.path["id"], status=404)
