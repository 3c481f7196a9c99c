"""Every named page, who reads it, and with which row of the house. A new one has to be written down here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLResolver, get_resolver, reverse

from tests.doors.page_house import VISITOR, PageHouse

NO_PAGES = ("api-", "account_", "mfa_")
"""The API has its own tests (test_every_door.py), and so have the pages of accounts (tests/participants)."""


@dataclass(frozen=True)
class Route:
    """A named route: `reader` may open it, with `rows` for its parameters; what a GET answers; whether everybody
    may see this row."""

    name: str
    reader: str
    rows: dict[str, str]
    status: int = 200
    is_open: bool = False
    query: str = ""

    def __str__(self) -> str:
        return f"{self.name}{self.query} for {self.reader}"

    def path(self, made: PageHouse) -> str:
        found = {name: made.ids.get(row, row) for name, row in self.rows.items()}
        return reverse(self.name, kwargs=found) + self.query


def _of(name: str, reader: str, status: int = 200, /, **rows: str) -> Route:
    return Route(name, reader, rows, status)


def _open(name: str, reader: str = VISITOR, status: int = 200, /, **rows: str) -> Route:
    return Route(name, reader, rows, status, is_open=True)


def named_routes() -> set[str]:
    """The names of all routes, as the resolver knows them."""
    return {name for name in _names(get_resolver().url_patterns) if not name.startswith(NO_PAGES)}


def _names(patterns: Any) -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLResolver):
            if one.namespace is None:
                yield from _names(one.url_patterns)
        elif one.name:
            yield one.name


EVERYBODY = [
    _open("log_file", log="this year", path="checkpoint"),
    _open("language", VISITOR, 302, code="fr"),
    _open("theme", VISITOR, 302, name="dark"),
    _open("accessibility"),
    _open("privacy"),
    _open("privacy_request"),
    _open("privacy_request_sent"),
    _open("privacy_follow", token="person's link"),
    _open("privacy_withdraw", VISITOR, 405, token="person's link"),
    _open("privacy_answer", token="person's link"),
    _open("check_log"),
    _open("intermediation"),
    _open("catalogue"),
    _open("dataset", dataset_id="open dataset"),
    _open("invitation", token="token"),
]
ORGANISATIONS = [
    _of("organisation", "seller"),
    _of("organisation_apply", "seller"),
    _of("organisation_correct", "applicant"),
    _of("organisation_members", "seller"),
    _of("organisation_members_invite", "seller"),
    _of("organisation_members_role", "seller", member_id="colleague"),
    _of("organisation_members_remove", "seller", member_id="colleague"),
    _of("organisation_members_signing", "seller", 405),
    _of("organisation_members_again", "seller", 405, invitation_id="sent invitation"),
    _of("organisation_members_withdraw", "seller", 405, invitation_id="sent invitation"),
    _of("invitation_accept", "buyer", 405, invitation_id="received invitation"),
    _of("buy_clients", "buyer"),
    _of("buy_clients_new", "buyer"),
    _of("buy_clients_one", "buyer", client_id="client"),
    _of("buy_clients_secret", "buyer", client_id="client"),
    _of("buy_clients_rotate", "buyer", client_id="client"),
    _of("buy_clients_revoke", "buyer", client_id="client"),
    _of("organisation_billing", "seller"),
    _of("organisation_billing_mandate", "seller", 405),
    _of("organisation_webhooks", "seller"),
    _of("organisation_webhooks_new", "seller"),
    _of("organisation_webhooks_one", "seller", webhook_id="webhook"),
    _of("organisation_webhooks_secret", "seller", webhook_id="webhook"),
    _of("organisation_webhooks_rotate", "seller", webhook_id="webhook"),
    _of("organisation_webhooks_pause", "seller", 405, webhook_id="webhook"),
    _of("organisation_webhooks_resume", "seller", 405, webhook_id="paused webhook"),
    _of("organisation_webhooks_test", "seller", 405, webhook_id="webhook"),
    _of("organisation_webhooks_delete", "seller", webhook_id="webhook"),
    _of("notices", "buyer"),
    _of("notices_read", "buyer", 405),
    _of("notices_mail", "buyer"),
    _of("notice", "buyer", 302, notice_id="buyer's notice"),
]
DESK = [
    _of("operate_money", "operator"),
    _of("operate_money_compare", "operator", 405),
    _of("operate_money_hold", "operator", hold_id="contested hold"),
    _of("operate_money_payout_approve", "operator", payout_id="proposed payout"),
    _of("operate_money_payout_cancel", "operator", payout_id="proposed payout"),
    _of("operate_money_transfer_confirm", "operator", remittance_id="noted transfer"),
    _of("operate_money_transfer_dismiss", "operator", remittance_id="noted transfer"),
    _of("operate_money_difference", "operator", difference_id="open difference"),
    _of("operate_money_bank", "operator"),
    _of("operate_money_bank_file", "operator", 404, batch="none"),
    _of("operate_participants", "operator"),
    _of("operate_participants_one", "operator", participant_id="applied participant"),
    _of("operate_participants_verify", "operator", participant_id="applied participant"),
    _of("operate_participants_suspend", "operator", participant_id="verified participant"),
    _of("operate_participants_restore", "operator", participant_id="suspended participant"),
    _of("operate_participants_close", "operator", participant_id="suspended participant"),
    _of("operate_members", "operator"),
    _of("operate_health", "operator"),
    _of("operate_health_retry", "operator", 405, delivery_id="failing delivery"),
    _of("operate_settings", "operator"),
    _of("desk_overview", "officer"),
    _of("desk_transfers", "officer"),
    _of("desk_transfers_export", "officer", form="csv"),
    _of("desk_exports", "officer"),
    _of("desk_export_file", "officer", export_id="export"),
    _of("desk_bundles", "officer"),
    _of("desk_view_new", "officer"),
    _of("desk_view_forget", "officer", 405, view_id="view"),
    _of("desk_digest", "officer"),
    _of("desk_acts", "officer"),
    _of("desk_bundle_file", "officer", bundle_id="bundle"),
    _of("log_about", "buyer", noun="transfer", subject_id="sold record"),
    _of("desk_transfer", "officer", record_id="sold record"),
    _of("desk_receipt", "officer", record_id="sold record"),
    _of("desk_address", "officer", record_id="sold record"),
    _of("desk_shred", "officer", record_id="sold record"),
    _of("desk_recipients", "officer"),
    _of("desk_recipients_export", "officer", 422, form="csv"),
    _of("desk_notices", "officer"),
    _of("desk_notices_one", "officer", notice_id="notice to recipients"),
    _of("desk_notices_row", "officer", row_id="row of a notice"),
    _of("desk_notices_statement", "officer", notice_id="notice to recipients", form="json"),
    _of("buy_notices", "buyer"),
    _of("buy_notices_one", "buyer", row_id="row of a notice"),
    _of("sell_notices", "seller"),
    _of("sell_notices_one", "seller", notice_id="notice to recipients"),
    _of("desk_map", "officer"),
    _of("intermediation_log", "seller"),
    _of("intermediation_prices", "operator"),
    _of("organisation_activities", "seller"),
    _open("desk_activities", "officer"),
    _open("desk_activities_import", "officer"),
    _open("desk_activities_export", "officer", form="csv"),
    _of("desk_activities_one", "officer", key="accounts"),
    _of("desk_activities_edit", "officer", key="accounts"),
    _of("desk_activities_review", "officer", 405, key="accounts"),
    _of("desk_destinations", "officer"),
    _of("desk_destinations_law", "officer"),
    _of("desk_destinations_basis_new", "officer", mechanism="scc"),
    _of("desk_destinations_basis", "officer", basis_id="transfer basis"),
    _of("desk_destinations_revoke", "officer", basis_id="standing basis"),
    _of("desk_duties", "officer"),
    _of("desk_log", "officer"),
    _of("desk_alarm", "officer", alarm_id="standing alarm"),
    _of("desk_unmatched", "officer"),
    _of("desk_data_requests", "officer"),
    _of("desk_breaches", "officer"),
    _of("desk_breaches_new", "officer"),
    _of("desk_breaches_export", "officer", form="csv"),
    _of("desk_breaches_one", "officer", breach_id="open breach"),
    _of("desk_breaches_act", "officer", breach_id="open breach", name="describe"),
    _of("desk_breaches_recipients", "officer", scope_id="breach scope"),
    _of("desk_breaches_report", "officer", report_id="breach report", form="json"),
    _of("desk_incidents", "officer"),
    _of("desk_incidents_new", "officer"),
    _of("desk_incidents_one", "officer", incident_id="entered incident"),
    _of("desk_incidents_confirm", "officer", 405, incident_id="entered incident"),
    _of("desk_incidents_drop", "officer", incident_id="entered incident"),
    _of("desk_incidents_holder", "officer", row_id="holder of an incident"),
    _of("desk_incidents_chase", "officer", 405, row_id="holder of an incident"),
    _of("sell_incidents", "seller"),
    _of("sell_incidents_one", "seller", row_id="holder of an incident"),
    _of("desk_retention", "officer"),
    _of("desk_retention_sweeps", "officer"),
    _of("desk_retention_place", "officer"),
    _of("desk_retention_hold", "officer", hold_id="reviewed hold"),
    _of("desk_retention_act", "officer", hold_id="reviewed hold", name="review"),
    _of("desk_requests", "officer"),
    _of("desk_requests_new", "officer"),
    _of("desk_requests_one", "officer", request_id="request of a person"),
    _of("desk_requests_act", "officer", request_id="request of a person", name="extend"),
    _of("desk_requests_file", "officer", 405, request_id="answered request of a person"),
    _of("desk_requests_dismiss", "officer", search_id="search for a person"),
    _of("desk_reviews", "officer"),
    _of("desk_review", "officer", review_id="held review"),
]
SELLING = [
    _of("sell_persons", "seller"),
    _of("sell_persons_one", "seller", search_id="search for a person"),
    _of("sell_persons_told", "seller", 405, search_id="search for a person"),
    _of("sell_earnings", "seller"),
    _of("sell_earnings_path", "seller", charge_id="paid charge"),
    _of("refund_approve", "seller", refund_id="asked refund"),
    _of("refund_decline", "seller", refund_id="asked refund"),
    _of("sell_datasets", "seller"),
    _of("sell_requests", "seller"),
    _of("sell_data_requests", "seller"),
    _of("sell_sales", "seller"),
    _of("sell_holders", "seller"),
    _of("sell_offers", "seller"),
    _of("sell_offers_documents", "seller"),
    _of("sell_offers_groups", "seller"),
    _of("sell_offers_group", "seller", group_id="group"),
    _of("sell_offers_group_admit", "seller", 405, group_id="group"),
    _of("sell_offers_group_dismiss", "seller", 405, group_id="group", participant_id="suspended participant"),
    _of("sell_offers_group_delete", "seller", group_id="group"),
    _of("sell_offers_templates", "seller"),
    _of("sell_offers_template", "seller", template_id="own template"),
    _of("sell_offers_template_drop", "seller", 405, template_id="own template"),
    _of("sell_offers_coupons", "seller"),
    _of("sell_offers_coupon_end", "seller", 405, coupon_id="coupon"),
    _of("licence_text", "seller", licence_text_id="licence text"),
    _of("sell_offers_start", "seller", dataset_id="open dataset"),
    _of("sell_offers_new", "seller", dataset_id="open dataset"),
    _of("sell_offers_preview", "seller", 405, dataset_id="open dataset"),
    _of("sell_offers_one", "seller", offer_id="draft offer"),
    _of("sell_offers_publish", "seller", offer_id="draft offer"),
    _of("sell_offers_link", "seller", 405, offer_id="link offer"),
    _of("sell_offers_withdraw", "seller", offer_id="open offer"),
    _of("sell_datasets_new", "seller"),
    _of("sell_datasets_shares", "seller", dataset_id="ready dataset"),
    _of("sell_datasets_shares_withdraw", "seller", 405, dataset_id="sold dataset"),
    _of("sell_payouts", "seller"),
    _of("sell_payouts_begin", "buyer", 405),
    _of("sell_payouts_statement", "seller", period="period", form="json"),
    _of("sell_payouts_split", "buyer", split_id="split"),
    _of("sell_payouts_split_decline", "buyer", split_id="split"),
    _of("sell_datasets_one", "seller", dataset_id="ready dataset"),
    _of("sell_datasets_describe", "seller", dataset_id="fresh dataset"),
    _of("sell_datasets_declare", "seller", dataset_id="ready dataset"),
    _of("buy_informing", "buyer"),
    _of("buy_informing_one", "buyer", duty_id="duty to inform"),
    _of("buy_informing_acknowledge", "buyer", 405, duty_id="duty to inform"),
    _of("desk_duties_informing", "officer"),
    _of("sell_datasets_gate", "seller", dataset_id="ready dataset"),
    _of("sell_datasets_open", "seller", 405, dataset_id="fresh dataset"),
    _of("sell_datasets_publish", "seller", 405, dataset_id="ready dataset"),
    _of("sell_datasets_retire", "seller", dataset_id="open dataset"),
    _of("sell_datasets_schedule", "seller", dataset_id="ready dataset"),
    _of("sell_datasets_schedule_end", "seller", dataset_id="offered dataset"),
    _of("sell_datasets_redirects", "seller", 405, dataset_id="open dataset"),
    _of("sell_datasets_revision", "seller", revision_id="waiting revision"),
    _of("sell_datasets_measured", "seller", revision_id="sold revision"),
    _of("sell_datasets_announce", "seller", 405, revision_id="waiting revision"),
    _of("sell_datasets_seal", "seller", revision_id="filled revision"),
    _of("sell_datasets_revoke", "seller", revision_id="sold revision"),
    _of("sell_datasets_file", "seller", asset_id="waiting asset"),
    _of("sell_datasets_remove", "seller", asset_id="stored asset"),
]
TRADING = [
    _of("buy_searches", "buyer"),
    _of("buy_searches_new", "buyer"),
    _of("buy_searches_forget", "buyer", 405, search_id="search"),
    _open("offer_link", "buyer", token="link"),
    _open("offer_request", "buyer", offer_id="open offer"),
    _of("negotiation", "buyer", negotiation_id="approved negotiation"),
    _of("negotiation_approve", "seller", 405, negotiation_id="waiting negotiation"),
    _of("negotiation_refuse", "seller", negotiation_id="waiting negotiation"),
    _of("negotiation_accept", "buyer", 405, negotiation_id="approved negotiation"),
    _of("negotiation_withdraw", "buyer", negotiation_id="waiting negotiation"),
    _of("negotiation_talk", "buyer", 405, negotiation_id="approved negotiation"),
    _of("attachment", "buyer", attachment_id="attachment"),
    _of("negotiation_rounds", "buyer", negotiation_id="signed negotiation"),
    _of("negotiation_redline", "buyer", negotiation_id="approved negotiation"),
    _of("negotiation_redline_preview", "buyer", 405, negotiation_id="approved negotiation"),
    _of("buy_data_requests", "buyer"),
    _of("buy_data_requests_new", "buyer"),
    _of("data_request", "buyer", data_request_id="answered data request"),
    _of("data_request_change", "buyer", data_request_id="data request"),
    _of("data_request_close", "buyer", data_request_id="answered data request"),
    _of("data_request_answer", "seller", data_request_id="data request"),
    _of("data_request_withdraw", "officer", data_request_id="data request"),
    _of("answer_withdraw", "seller", answer_id="answer"),
    _of("answer_decline", "buyer", answer_id="answer"),
    _of("charge", "buyer", charge_id="unpaid charge"),
    _of("charge_refund", "buyer", charge_id="paid charge"),
    _of("buy_invoices", "buyer"),
    _of("sale", "buyer", agreement_id="sold agreement"),
    _of("agreement", "buyer", agreement_id="sold agreement"),
    _of("agreement_document", "buyer", agreement_id="sold agreement"),
    _of("agreement_paper", "buyer", agreement_id="sold agreement"),
    _of("sale_amend", "buyer", agreement_id="sold agreement"),
    _of("sale_amend_preview", "buyer", 405, agreement_id="sold agreement"),
    _of("sale_subscription", "buyer", agreement_id="metered agreement"),
    _of("sale_subscription_cap", "buyer", 405, agreement_id="metered agreement"),
    _of("sale_subscription_cancel", "buyer", 405, agreement_id="metered agreement"),
    _of("sale_subscription_keep_on", "buyer", 405, agreement_id="cancelled agreement"),
    _of("sale_subscription_renew", "buyer", 405, agreement_id="monthly agreement"),
    _of("sale_subscription_renew_not", "buyer", 405, agreement_id="renewed agreement"),
    _of("sale_subscription_keep_method", "buyer", 405, agreement_id="metered agreement"),
    _of("sale_subscription_end_method", "buyer", 405, agreement_id="metered agreement"),
    _of("sale_talk", "buyer", 405, agreement_id="sold agreement"),
    _of("sale_case_file", "buyer", agreement_id="sold agreement"),
    _of("sale_confirm", "buyer", agreement_id="sold agreement"),
    _of("sale_contest", "buyer", agreement_id="sold agreement"),
    _of("sale_suspend", "seller", agreement_id="sold agreement"),
    _of("sale_resume", "seller", agreement_id="suspended agreement"),
    _of("sale_revoke", "seller", agreement_id="sold agreement"),
    _of("transfer_receipt", "buyer", transfer_id="sold transfer"),
    _of("transfer_give_back", "seller", transfer_id="sold transfer"),
    _of("buy_holdings", "buyer"),
    _of("buy_requests", "buyer"),
    _of("buy_purchases", "buyer"),
    _of("buy_holdings_may_i", "buyer"),
    _of("decision", "buyer", decision_id="sold decision"),
    _of("holding", "buyer", entitlement_id="sold entitlement"),
    _of("holding_renew", "buyer", entitlement_id="sold entitlement"),
    _of("holding_inform", "buyer", entitlement_id="sold entitlement"),
    _of("holding_delete", "buyer", entitlement_id="owed entitlement"),
    _of("deletion_document", "buyer", statement_id="deletion statement"),
    _of("holding_download", "buyer", 405, entitlement_id="sold entitlement"),
]
ROUTES = [*EVERYBODY, *ORGANISATIONS, *DESK, *SELLING, *TRADING]
ACCOUNTS = [
    _open("account_login"),
    _open("account_signup"),
    _open("account_reset_password"),
    _open("account_reset_password_done"),
    _open("account_email_verification_sent"),
    _open("account_inactive"),
    _open("account_confirm_email", key="unknown"),
    _open("account_reset_password_from_key", uidb36="1", key="unknown"),
    _of("account_reauthenticate", "seller"),
    _of("account_email", "seller"),
    _of("account_change_password", "seller"),
    _of("mfa_index", "seller"),
    _of("mfa_activate_totp", "seller"),
    _of("mfa_list_webauthn", "seller"),
    _of("mfa_add_webauthn", "seller"),
    _of("mfa_deactivate_totp", "officer"),
    _of("mfa_generate_recovery_codes", "officer"),
]
"""The pages of accounts that open at once; what they do is tested by tests/participants/test_accounts.py."""
ALSO = [
    *(
        _of("desk_breaches_act", "officer", breach_id="open breach", name=act)
        for act in ("scope", "assess", "authority", "persons", "exempt", "recipients")
    ),
    _of("desk_incidents_one", "officer", incident_id="confirmed incident"),
    _of("desk_retention_act", "officer", hold_id="standing hold", name="release"),
    _of("sell_payouts", "buyer"),
    *(
        _of("desk_requests_act", "officer", request_id=f"{row}request of a person", name=act)
        for row, act in (
            *(("", act) for act in ("write", "pause", "refuse", "withdraw", "look")),
            *(("found ", "tell"), ("ready ", "ask"), ("ready ", "reply"), ("known ", "start")),
            *(("paused ", "resume"), ("new ", "identify"), ("new ", "doubt")),
        )
    ),
    *(
        _of("desk_requests_one", "officer", request_id=f"{row} request of a person")
        for row in ("found", "paused", "answered")
    ),
    _of("sell_datasets_shares", "seller", dataset_id="sold dataset"),
    _of("charge_refund", "seller", charge_id="paid charge"),
    _of("offer_request", "buyer", offer_id="choices offer"),
    _of("sell_offers_one", "seller", offer_id="choices offer"),
    _of("sale", "seller", agreement_id="sold agreement"),
    _of("sale_subscription", "seller", agreement_id="metered agreement"),
    *(
        _of("sale_subscription", "buyer", agreement_id=f"{name} agreement")
        for name in ("monthly", "cancelled", "renewed")
    ),
    _of("sale", "officer", agreement_id="sold agreement"),
    _of("negotiation", "seller", negotiation_id="waiting negotiation"),
    _of("negotiation_redline", "seller", negotiation_id="waiting negotiation"),
    _of("data_request", "seller", data_request_id="answered data request"),
    _of("data_request", "officer", data_request_id="data request"),
    _of("sell_offers_one", "seller", offer_id="link offer"),
    _of("sell_datasets_one", "seller", dataset_id="open dataset"),
    _of("sell_datasets_one", "seller", dataset_id="fresh dataset"),
    _of("sell_datasets_schedule", "seller", dataset_id="offered dataset"),
    _of("sell_datasets_revision", "seller", revision_id="filled revision"),
    _open("catalogue", "buyer"),
    _open("dataset", "buyer", dataset_id="open dataset"),
    _open("invitation", "outsider", token="token"),
    _of("organisation", "buyer"),
    _of("organisation_webhooks_one", "seller", webhook_id="paused webhook"),
    Route("buy_searches_new", "buyer", {}, query="?q=cities"),
]
"""Pages that hold other forms for other readers, or in other states."""
