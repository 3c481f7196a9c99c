"""What is typed into the form of each page so that it is taken, and what its second sending does."""

import json
from datetime import timedelta
from typing import Any

from django.utils import timezone

from contracts.odrl import policies
from contracts.terms import terms as usage_terms
from tests.doors import breach_rows, desk_rows, incident_rows, intermediation_rows, law_rows, request_rows

REASON = "Seen by the test that opens every page."


class Pdf:
    """A file that is sent as often as it is asked for."""

    name, content_type = "ours.pdf", "application/pdf"

    def read(self) -> bytes:
        return b"%PDF-1.7 ours"


POLICY = policies.written(usage_terms.parse([]), uid="urn:a", assigner="urn:b", assignee=None, target="urn:c")
FILLED: dict[str, dict[str, Any]] = {
    "organisation_apply": {"name": "New SA", "country": "FR"},
    "organisation_billing": {"street": "1 rue de la Paix", "city": "Paris"},
    "organisation_members_invite": {"email": "someone@example.org"},
    "organisation_members_role": {"role": "viewer"},
    "buy_clients_new": {"name": "Weekly", "scopes": ["read"]},
    "organisation_webhooks_new": {"url": "https://receiver.example/new"},
    "operate_participants_verify": {"evidence": "extract of the register"},
    "operate_participants_suspend": {"reason": REASON},
    "operate_participants_restore": {"reason": REASON},
    "operate_participants_close": {"reason": REASON, "phrase": "close for good"},
    "operate_money_hold": {"reason": REASON},
    "operate_money_payout_cancel": {"reason": REASON},
    "operate_money_transfer_dismiss": {"reason": REASON},
    "operate_money_difference": {"reason": REASON},
    "charge_refund": {"reason": REASON},
    "refund_decline": {"reason": REASON},
    "desk_review": {"reason": REASON, "verdict": "approve"},
    "buy_informing_one": {"how": "told", "said": REASON},
    "desk_shred": {"reason": REASON, "phrase": "erase for good"},
    "desk_alarm": {"reason": REASON},
    "desk_notices_row": {"words": REASON, "act": "excuse"},
    "buy_notices_one": {"action": "deleted", "copies": "1"},
    "sell_offers_start": {"policy": json.dumps(POLICY)},
    "sell_offers_coupons": {"label": "Autumn", "coupon_code": "AUTUMN-2027", "percent": "12.5"},
    "sell_offers_groups": {"name": "Schools"},
    "sell_offers_group": {"name": "Colleges"},
    "sell_offers_documents": {"title": "Our clauses", "document": Pdf()},
    "sell_offers_new": {"title": "Another", "amount": "480.50", "permissions": ["combination"]},
    "sell_datasets_new": {"title": "New", "summary": "What is new.", "theme": "SOCI", "language": "en"},
    "sell_datasets_describe": {"title": "Changed"},
    "sell_datasets_shares": {"part_1": "12.50"},
    "sell_payouts_split_decline": {"reason": REASON},
    **desk_rows.FORMS,
    **intermediation_rows.FORMS,
    **incident_rows.FORMS,
    **law_rows.TYPED,
    **breach_rows.TYPED,
    **request_rows.FORMS,
    "sell_datasets_announce": {"name": "new.csv"},
    "sell_datasets_schedule": {"first_on": (timezone.now() + timedelta(days=30)).date().isoformat()},
    "sell_datasets_seal": {"phrase": "seal revision 1"},
    "sell_datasets_revoke": {"reason": REASON},
    "buy_data_requests_new": {
        "title": "Bicycle counters",
        "wanted": "Hourly passages in cities of France.",
        "theme": "TRAN",
        "purpose": "research",
        "country": "DE",
        "last_day": (timezone.now() + timedelta(days=30)).date().isoformat(),
    },
    "data_request_change": {"title": "Bicycle counts"},
    "data_request_close": {"outcome": "found"},
    "data_request_withdraw": {"reason": REASON},
    "offer_request": {"purpose": "research", "use": "Read it in our own research team."},
    "negotiation_accept": {"has_read": "on"},
    "negotiation_redline": {"copies-max": "1"},
    "negotiation_talk": {"body": "Which counters are in it?"},
    "sale_talk": {"body": "When does the next revision come?"},
    "sale_amend": {"copies-max": "1"},
    "sell_offers_template": {"name": "Our research terms"},
    "negotiation_refuse": {"reason": REASON},
    "negotiation_withdraw": {"reason": REASON},
    "sale_contest": {"reason": REASON},
    "sale_subscription_cap": {"amount": "90.00"},
    "sale_suspend": {"reason": REASON},
    "sale_resume": {"reason": REASON},
    "sale_revoke": {"reason": REASON},
    "transfer_give_back": {"reason": REASON},
    "holding_delete": {"has_deleted": "on"},
    "holding_renew": {"has_read": "on"},
}
"""What a reader types so that each form is taken."""
DONE_AGAIN = {
    "organisation_correct",  # says the same again
    "organisation_billing",  # says the same again
    "organisation_members_invite",  # the later invitation takes the place of the earlier
    "buy_clients_rotate",  # the reader sees the secret that holds
    "organisation_webhooks_rotate",  # the reader sees the secret that holds
    "sell_offers_link",  # the reader sees the link that holds
    "organisation_webhooks_test",  # is sent again
    "operate_health_retry",  # asks for the same try
    "desk_address",  # each look is recorded
    "desk_activities_review",  # each look is recorded
    "desk_requests_act",  # a letter that is sent again is another letter
    "desk_requests_file",  # each taking is recorded
    *incident_rows.AGAIN,
    "desk_breaches_act",  # what is kept again stands beside the earlier
    "desk_retention_act",  # each look at a hold is recorded
    "sell_persons_told",  # each look is recorded
    "buy_holdings_may_i",  # each answer is kept
    "buy_notices_one",  # a later answer stands beside the earlier one
}
"""Forms whose second sending leaves a trace, and no harm."""
MAKES_ANOTHER = {
    "organisation_apply",
    "buy_clients_new",
    "organisation_webhooks_new",
    "desk_requests_new",
    "desk_breaches_new",
    "desk_incidents_new",
    "desk_retention_place",
    "desk_destinations_basis_new",
    "sell_datasets_new",
    "sell_offers_new",
    "buy_data_requests_new",
}
"""Forms that make something new for each who sends them."""
