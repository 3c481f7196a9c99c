"""What members are told of by all apps, and how things are called there: what `exchange.participants.news` takes at
start."""

from compliance import news as compliance
from compliance.breaches import news as breach_news
from compliance.incidents import news as incident_news
from compliance.notices import news as notice_news
from compliance.notices.words import task_of
from compliance.requests import news as request_news
from compliance.words import reason_words
from contracts import news as contracts
from contracts.data_requests import news as data_request_news
from contracts.data_requests import queries as data_request_queries
from contracts.deletions import news as deletion_news
from contracts.entitlements import revision_news
from contracts.renewals import succession_news
from datasets import queries as datasets
from exchange.participants.members import news as own_news
from exchange.participants.news import Names, News
from exchange.participants.notices import queries as notice_queries
from payments import news as payments
from payments.invoices import news as invoice_news
from payments.payouts import news as payout_news
from payments.refunds import news as refund_news
from payments.subscriptions import news as subscription_news

TABLE: tuple[News, ...] = (
    *own_news.TABLE,
    *compliance.TABLE,
    *notice_news.TABLE,
    *breach_news.TABLE,
    *incident_news.TABLE,
    *request_news.TABLE,
    *payments.TABLE,
    *invoice_news.TABLE,
    *refund_news.TABLE,
    *payout_news.TABLE,
    *subscription_news.TABLE,
    *contracts.TABLE,
    *succession_news.TABLE,
    *revision_news.TABLE,
    *deletion_news.TABLE,
    *data_request_news.TABLE,
)
NAMES: dict[str, Names] = {
    "dataset": datasets.titles,
    "data_request": data_request_queries.titles,
    "seller": notice_queries.names,
    "holder": notice_queries.names,
    "buyer": notice_queries.names,
    "party": notice_queries.names,
    "participant": notice_queries.names,
}


def reason(code: str) -> str:
    """Why a download was refused, or what a notice to recipients asks."""
    return str(task_of(code) or reason_words(code))
