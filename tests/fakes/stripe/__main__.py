"""The fake by hand, beside a demo exchange: `python -m tests.fakes.stripe [port] [the exchange's address]` serves
it, and brings its webhooks there."""

import contextlib
import sys
import tempfile
import time
from pathlib import Path

from tests.fakes.stripe.serving import SECRET_KEY, THIN_SECRET, WEBHOOK_SECRET, serve
from tests.fakes.stripe.specification import specification

_USUAL = ("8700", "http://127.0.0.1:8000")


def main(port: int, exchange: str) -> None:
    """Serve until Ctrl-C."""
    with tempfile.TemporaryDirectory() as folder:
        fake, _, _ = serve(specification(Path(folder)), port)
        fake.send_to(f"{exchange}/api/v1/webhooks/stripe")
        fake.send_to(f"{exchange}/api/v1/webhooks/stripe-thin", THIN_SECRET, is_thin=True)
        print(f"A fake of Stripe answers at {fake.url}. No money moves. Start the exchange with:")
        print("  EXCHANGE_DEMO=True EXCHANGE_PAYMENT_PROVIDER=stripe")
        print(f"  EXCHANGE_STRIPE_API_URL={fake.url} EXCHANGE_STRIPE_SECRET_KEY={SECRET_KEY}")
        print(f"  EXCHANGE_STRIPE_WEBHOOK_SECRET={WEBHOOK_SECRET},{THIN_SECRET}", flush=True)
        with fake.delivering():
            while not fake.world.lies:
                time.sleep(1)
        sys.exit("\n".join(fake.world.lies))


if __name__ == "__main__":
    port, exchange = [*sys.argv[1:], *_USUAL[len(sys.argv) - 1 :]]
    with contextlib.suppress(KeyboardInterrupt):
        main(int(port), exchange)
