"""Which of the doors belong to whom. A new one that writes belongs to somebody, or a test says so."""

from exchange.kernel.actors import Actor
from tests.doors import (
    breach_rows,
    desk_rows,
    incident_rows,
    informing_rows,
    intermediation_rows,
    law_rows,
    notice_rows,
    request_rows,
)
from tests.doors.answers import said
from tests.doors.operations import Operation, guarded, query_of
from tests.doors.whole_sale import House

NO_SCOPE = (403, "scope_missing")
NOT_FOUND = (404, "not_found")
SUSPENDED = (403, "participant_not_verified")

SELLERS = {
    "POST /datasets",
    "PATCH /datasets/{dataset_id}",
    "POST /datasets/{dataset_id}/declare",
    "PUT /datasets/{dataset_id}/schedule",
    "DELETE /datasets/{dataset_id}/schedule",
    "POST /datasets/{dataset_id}/publish",
    "POST /datasets/{dataset_id}/shares",
    "POST /datasets/{dataset_id}/retire",
    "POST /datasets/{dataset_id}/allow-redirects",
    "POST /datasets/{dataset_id}/forbid-redirects",
    "POST /datasets/{dataset_id}/revisions",
    "POST /revisions/{revision_id}/seal",
    "POST /revisions/{revision_id}/revoke",
    "POST /revisions/{revision_id}/assets",
    "POST /assets/{asset_id}/upload-url",
    "DELETE /assets/{asset_id}",
    "POST /licence-texts",
    "POST /templates",
    "PATCH /templates/{template_id}",
    "DELETE /templates/{template_id}",
    "POST /offers",
    "POST /offers/{offer_id}/publish",
    "POST /offers/{offer_id}/link",
    "POST /coupons",
    "POST /groups",
    "POST /groups/{group_id}/members",
    "POST /negotiations/{negotiation_id}/approve",
    "POST /entitlements/{entitlement_id}/resume",
    "POST /transfers/{transfer_id}/give-copy-back",
    "POST /requests/{data_request_id}/answer",
}
BUYERS = {
    "POST /requests",
    "PUT /requests/{data_request_id}",
    "POST /negotiations",
    "POST /orders",
    "POST /negotiations/{negotiation_id}/accept",
    "POST /agreements/{agreement_id}/confirm",
    "POST /charges/{charge_id}/pay",
    "POST /charges/{charge_id}/checkout",
    "POST /charges/{charge_id}/look",
    "POST /payment-methods",
    "POST /subscriptions/{subscription_id}/keep-on",
    "POST /subscriptions/{subscription_id}/renewal",
    "POST /subscriptions/{subscription_id}/cap",
    "POST /entitlements/{entitlement_id}/tokens",
    "POST /entitlements/{entitlement_id}/renew",
    "POST /negotiations/{negotiation_id}/consent",
}
BOTH_SIDES = {"POST /negotiations/{negotiation_id}/counter", "POST /agreements/{agreement_id}/amend"}
"""What a seller does with its scope, and a buyer with its own."""
TALKING = {"POST /negotiations/{negotiation_id}/messages"}
"""What both sides do with these scopes, suspended or not."""
TAKING_BACK = {
    "POST /coupons/{coupon_id}/withdraw",
    "POST /payment-methods/{method_id}/end",
    "POST /subscriptions/{subscription_id}/cancel",
    "POST /shares/{split_id}/decline",
    "POST /shares/{split_id}/withdraw",
    "POST /requests/{data_request_id}/close",
    "POST /answers/{answer_id}/withdraw",
    "POST /answers/{answer_id}/decline",
    "POST /offers/{offer_id}/withdraw",
    "PATCH /groups/{group_id}",
    "DELETE /groups/{group_id}",
    "DELETE /groups/{group_id}/members/{participant_id}",
    "POST /negotiations/{negotiation_id}/refuse",
    "POST /negotiations/{negotiation_id}/terminate",
    "POST /agreements/{agreement_id}/contest",
    "POST /entitlements/{entitlement_id}/suspend",
    "POST /entitlements/{entitlement_id}/revoke",
}
"""What ends or hinders trade stays open to who is suspended."""
AFTERWARDS = {
    "POST /entitlements/{entitlement_id}/deletion-statements",
    "POST /entitlements/{entitlement_id}/informing",
    *notice_rows.ANSWERS,
    *informing_rows.ANSWERS,
}
"""What a buyer owes after the end, suspended or not."""
STOPPING = {f"POST /entitlements/{{entitlement_id}}/{verb}" for verb in ("suspend", "resume", "revoke")}
"""What the operator may do besides the seller."""
OPERATORS = {
    "POST /participants/{participant_id}/verify",
    "POST /participants/{participant_id}/amend",
    "POST /participants/{participant_id}/suspend",
    "POST /participants/{participant_id}/restore",
    "POST /participants/{participant_id}/vat-id",
    "POST /holds/{hold_id}/settle",
    "POST /holds/{hold_id}/excuse",
    *intermediation_rows.OPERATORS,
}
PARTIES = {"POST /shares/{split_id}/accept"}
"""What each side agrees to that earns something."""
GIVING_BACK = {
    "POST /charges/{charge_id}/refunds",
    "POST /refunds/{refund_id}/approve",
    "POST /refunds/{refund_id}/decline",
}
"""What sellers and operators decide of money that goes back; a buyer asks at the first."""
OFFICERS = {
    "GET /desk/transfers",
    "GET /desk/transfers/export",
    "GET /desk/transfers/{record_id}",
    "GET /desk/transfers/{record_id}/receipt",
    "GET /desk/duties",
    "GET /desk/unmatched",
    "GET /desk/refusal-counts",
    *breach_rows.READS,
    *incident_rows.READS,
    *desk_rows.READS,
    *notice_rows.READS,
    *law_rows.READS,
    *request_rows.READS,
}
DECISIONS = {
    "POST /requests/{data_request_id}/withdraw",
    "POST /reviews/{review_id}/approve",
    "POST /reviews/{review_id}/refuse",
    "POST /compliance/reviews/{review_id}/approve",
    "POST /compliance/reviews/{review_id}/refuse",
    "POST /desk/exports",
    "POST /desk/transfers/{record_id}/shred",
    "POST /desk/alarms/{alarm_id}/acknowledge",
    *breach_rows.ACTS,
    *incident_rows.ACTS,
    *desk_rows.ACTS,
    *notice_rows.ACTS,
    *law_rows.ACTS,
    *request_rows.ACTS,
}
"""What officers alone do."""

ANSWERING = request_rows.ANSWERS | incident_rows.ANSWERS
"""What a seller owes a person who asks, and says of an incident, suspended or not."""

ASKING = {
    "POST /may-i",
    "POST /decisions/{decision_id}/replay",
    "POST /offers/by-link",
    "POST /offers/{offer_id}/price",
    *notice_rows.READING,
}
"""What whoever reads for an organisation may ask, suspended or not; that it did is kept."""


def named(names: set[str]) -> list[Operation]:
    """The operations of these names, all of which exist."""
    found = [operation for operation in guarded() if str(operation) in names]
    assert {str(operation) for operation in found} == names
    return found


def heard(operation: Operation, house: House, actor: Actor) -> set[tuple[int, str]]:
    """What the actor hears at this door, over all the ids of the house: (200, "") where it is taken."""
    client = house.http(actor)
    query = query_of(operation, house)
    paths, body = operation.paths(house.ids), operation.body(house)
    answers = [operation.send(client, path, body, **query) for path in paths]
    return {(200, "") if answer.status_code < 300 else said(answer) for answer in answers}
