"""What waits in a section of the header, by the section's name: the table that `exchange.look.areas` takes at start."""

from compliance import queries as compliance
from compliance.breaches import queries as breaches
from compliance.duties import duties
from compliance.incidents import queries as incidents
from compliance.informing import queries as informing
from compliance.notices import queries as notices
from compliance.requests import queries as requests
from contracts.data_requests import queries as data_request_queries
from contracts.sales import seller_rows
from exchange.look.areas import Count
from exchange.participants.operator import rows as operator_rows
from payments.money_board import waiting as money_tasks

TABLE: dict[str, Count] = {
    "buy_informing": informing.own_open,
    "buy_notices": notices.waiting_for,
    "desk_breaches": breaches.open_for,
    "desk_incidents": incidents.open_for,
    "desk_notices": notices.open_notices,
    "desk_duties": duties.overdue_for,
    "desk_requests": requests.open_requests,
    "desk_reviews": compliance.open_reviews,
    "operate_money": money_tasks.waiting,
    "operate_participants": operator_rows.waiting,
    "sell_data_requests": data_request_queries.waiting,
    "sell_incidents": incidents.waiting_for,
    "sell_persons": requests.waiting_searches,
    "sell_requests": seller_rows.waiting_requests,
}
