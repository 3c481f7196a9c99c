"""What happened before today, in the demo: the same verbs as the doors and the processes call, at a moment that is
given, because a door itself knows no time but now."""

from datetime import datetime
from urllib.parse import unquote, urlparse

from compliance.follower import follow
from compliance.log.sealing import seal_batch
from compliance.log.signer import Signer
from compliance.notices import chasing, opening, sending
from compliance.requests import letters
from contracts.models import Entitlement
from contracts.tokens.tokens import read
from contracts.transfers import transfers
from contracts.transfers.ranges import Wish
from contracts.transfers.transfers import Attempt
from datasets.models import Asset, Revision
from datasets.revisions import assets
from datasets.revisions.assets import Received
from datasets.revisions.digests import Digester
from datasets.storage import new_key, storage
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.models import Delivery
from exchange.participants.notices import mails as notice_mails

ADDRESS, AGENT = "192.0.2.7", "comptoir-demo"
"""Of the network of documentation, which belongs to nobody."""
_HEAD = 64 * 1024


def upload(revision: Revision, name: str, content: bytes, by: Actor) -> Asset:
    """Bytes that the gateway took in then."""
    asset = assets.announce(revision, name=name, media_type="text/csv", by=by)
    key, digester = new_key(), Digester()
    writer = storage().writer(key)
    writer.write(content)
    writer.commit()
    digester.feed(content)
    received = Received(digester.size_bytes, digester.sha256, digester.block_digests, key, content[:_HEAD])
    return assets.receive(asset.pk, received, by)


def download(entitlement: Entitlement, asset: Asset, by: Actor) -> None:
    """A transfer that the gateway made then, whole."""
    url, _ = transfers.issue_token(entitlement, asset=asset, by=by)
    _, _, token, name = unquote(urlparse(url).path).split("/")
    attempt = Attempt(read(token, now=by.at), Wish(), name, ADDRESS, AGENT)
    [verdict] = transfers.start_many([attempt], now=by.at)
    if verdict.transfer_id is None:
        raise SystemExit(f"the demo's past could not download {name}")
    transfers.progress(verdict.transfer_id, [(0, asset.size_bytes or 0)], now=by.at)


def follow_up(now: datetime) -> None:
    """Run what waits, and what follows from it, as the worker will once it runs."""
    while waiting := list(Delivery.objects.filter(done_at=None, attempts=0).values_list("pk", flat=True)):
        for delivery_id in waiting:
            events.react(delivery_id, now=now)


def catch_up(now: datetime) -> None:
    """Do what every process of the exchange has done by then: react, seal, sign, follow, tell and chase."""
    signer = Signer.from_settings()
    for _ in range(2):  # what recipients are told is an Event again
        follow_up(now)
        while seal_batch(now):
            pass
        signer.run_once(now)
        while follow():
            pass
        while opening.fill(now=now):
            pass
        chasing.chase(now=now)
        sending.send_due(now=now)
    notice_mails.send_due(now=now)
    letters.send_due(now=now)
    sending.look(now=now)
