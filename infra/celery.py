"""The Celery app and its beat schedule."""

import os
from pathlib import Path

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infra.settings")

app = Celery("comptoir")
app.config_from_object(settings.CELERY)
app.autodiscover_tasks(
    [
        "exchange.kernel",
        "exchange.participants",
        "compliance",
        "compliance.breaches",
        "compliance.incidents",
        "compliance.notices",
        "compliance.requests",
        "compliance.retention",
        "datasets",
        "payments",
        "contracts",
    ]
)
app.conf.beat_schedule = {
    "send overdue reactions again": {"task": "exchange.kernel.sweep", "schedule": 2.0},
    "show that schedule and worker are alive": {"task": "exchange.kernel.pulse", "schedule": 10.0},
    "end what the clock has ended": {"task": "contracts.expire_entitlements", "schedule": 10.0},
    "end talks whose deadline has passed": {"task": "contracts.lapse_negotiations", "schedule": 60.0},
    "close data requests whose time is over": {"task": "contracts.lapse_data_requests", "schedule": 60.0},
    "forget closed organisations in old contracts": {"task": "contracts.forget_identities", "schedule": 3600.0},
    "begin the renewals whose turn has come": {"task": "contracts.begin_renewals", "schedule": 10.0},
    "open and end offers whose time has come": {"task": "contracts.move_offers", "schedule": 10.0},
    "mark transfers that nobody sends": {"task": "contracts.sweep_transfers", "schedule": 5.0},
    "forget proofs of keys that nobody takes any more": {"task": "contracts.forget_proofs", "schedule": 600.0},
    "take away exports whose days are over": {"task": "compliance.expire_exports", "schedule": 3600.0},
    "look at what was delivered": {"task": "contracts.inspect_deliveries", "schedule": 600.0},
    "release holds": {"task": "payments.release_holds", "schedule": 60.0},
    "pay out what is payable": {"task": "payments.pay_out", "schedule": 3600.0},
    "look for what providers said and nobody heard": {"task": "payments.catch_up", "schedule": 300.0},
    "begin the periods whose turn has come": {"task": "payments.advance_subscriptions", "schedule": 60.0},
    "compare the ledger with what providers say": {
        "task": "payments.reconcile",
        "schedule": crontab(hour="3", minute="30"),
    },
    "remind of what is not paid, and of further terms": {"task": "payments.remind", "schedule": 300.0},
    "ask about VAT ids": {"task": "payments.ask_vies", "schedule": 300.0},
    "issue the invoices that waited": {"task": "payments.issue_waiting_invoices", "schedule": 3600.0},
    "draw the invoices that nobody has asked for": {"task": "payments.draw_invoices", "schedule": 900.0},
    "send mails about notices": {"task": "participants.mail_notices", "schedule": 5.0},
    "warn of rights that end soon": {"task": "contracts.warn_of_ends", "schedule": 3600.0},
    "remind of deletions": {"task": "contracts.warn_of_deletions", "schedule": 3600.0},
    "tell of refused downloads": {"task": "contracts.tell_of_refusals", "schedule": 900.0},
    "forget old answers and revocations": {"task": "participants.purge", "schedule": 3600.0},
    "bring the search index up to date": {"task": "contracts.refresh_search", "schedule": 5.0},
    "build the search index anew": {
        "task": "contracts.rebuild_search",
        "schedule": crontab(hour="3", minute="0"),
    },
    "compare the log with what else is known": {
        "task": "compliance.compare_records",
        "schedule": crontab(hour="2", minute="30"),
    },
    "tell recipients of notices": {"task": "compliance.advance_notices", "schedule": 5.0},
    "chase recipients who do not answer": {"task": "compliance.chase_notices", "schedule": 300.0},
    "have the log's head stamped": {"task": "compliance.stamp_log", "schedule": crontab(hour="0", minute="15")},
    "send letters to persons who asked": {"task": "compliance.send_request_letters", "schedule": 5.0},
    "watch the clocks of persons' requests": {"task": "compliance.watch_requests", "schedule": 300.0},
    "tell holders of incidents": {"task": "compliance.advance_incidents", "schedule": 5.0},
    "remind holders of incidents": {"task": "compliance.remind_of_incidents", "schedule": 300.0},
    "warn of breaches whose time runs out": {"task": "compliance.warn_of_breaches", "schedule": 300.0},
    "take away what has had its time": {
        "task": "compliance.sweep_retention",
        "schedule": crontab(hour="4", minute="0"),
    },
    "write to officers about the desk": {"task": "compliance.send_digests", "schedule": 300.0},
    "look at the log as a stranger does": {"task": "compliance.look_at_log", "schedule": 30.0},
    "record revisions that are late": {"task": "datasets.mark_late_deliveries", "schedule": 600.0},
    "remove what cut uploads left": {"task": "datasets.sweep_storage", "schedule": 3600.0},
}


@setup_logging.connect
def _keep_our_logging(**_: object) -> None:
    """Celery must not replace the logging that settings describe."""


def make_broker_folders() -> None:
    """The embedded broker's folders must exist before anyone sends."""
    options: dict[str, str] = settings.CELERY["broker_transport_options"]
    for name in ("data_folder_in", "control_folder"):
        if folder := options.get(name):
            Path(folder).mkdir(parents=True, exist_ok=True)
