"""What waits in a section of the header, by the section's name: the table that `exchange.look.areas` takes at start."""

from compliance import duties
from compliance import queries as compliance
from contracts import data_request_queries, seller_rows
from exchange.look.areas import Count
from exchange.participants import operator_rows

TABLE: dict[str, Count] = {
    "desk_duties": duties.overdue_for,
    "desk_reviews": compliance.open_reviews,
    "operate_participants": operator_rows.waiting,
    "sell_data_requests": data_request_queries.waiting,
    "sell_requests": seller_rows.waiting_requests,
}
