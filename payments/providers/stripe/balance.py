"""Stripe's own book-keeping of the exchange's balance, for the comparison with ours."""

from collections.abc import Iterator
from datetime import UTC, datetime

import stripe

from payments.providers import BalanceLineFact
from payments.providers.stripe import amounts
from payments.providers.stripe.objects import id_of, plain


def lines(client: stripe.StripeClient, since: datetime) -> Iterator[BalanceLineFact]:
    """Every line from that time on, oldest first: Stripe lists them the other way round."""
    found = client.v1.balance_transactions.list({"created": {"gte": int(since.timestamp())}, "limit": 100})
    for line in reversed([plain(one) for one in found.auto_paging_iter()]):
        yield BalanceLineFact(
            id=line["id"],
            at=datetime.fromtimestamp(line["created"], UTC),
            kind=line["type"],
            amount=amounts.here(line["amount"], line["currency"]),
            cost=amounts.here(line["fee"], line["currency"]),
            source=id_of(line.get("source")) or "",
        )
