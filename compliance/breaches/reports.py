"""What the authority and the persons were told of a breach: each phase is a document of its own, frozen as it was sent,
with the fields of Art. 33(3). One that comes late says why."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from compliance.breaches.register import require_officer, require_open
from compliance.models import Breach, BreachReport
from exchange.kernel import canonical, events, text
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Invalid
from exchange.kernel.text import timestamp
from exchange.participants.models import Participant

Audience = BreachReport.Audience
FORMAT = "comptoir.breach-report/1"
_WORDS = 20_000


@dataclass(frozen=True)
class Sent:
    """How a phase was sent. `words` are what the persons read; `is_last` says that no further phase is planned."""

    channel: str
    sent_at: datetime
    is_last: bool
    reference: str = ""
    delay_reason: str = ""
    words: str = ""


@transaction.atomic
def tell_authority(breach: Breach, sent: Sent, *, by: Actor) -> BreachReport:
    """Keep what the authority was sent: the register as it stands now, as the next phase. A first phase after the
    deadline needs the reason for the delay."""
    require_officer(by)
    _require_sense(breach, sent, by)
    require_open(breach)
    breach.refresh_from_db()
    if not breach.risk:
        raise Invalid("assess the risk first: the authority is told of it", code="risk_missing")
    phase = breach.reports.filter(audience=Audience.AUTHORITY).count() + 1
    is_late = phase == 1 and sent.sent_at > breach.due_at
    why = text.prose(sent.delay_reason, name="reason for the delay", at_most=2_000)
    if is_late and len(why) < 10:
        raise Invalid("the deadline was over: say why the authority is told late", code="delay_reason_missing")
    body = document(breach, phase=phase, sent=sent, delay_reason=why if is_late else "")
    return _keep(breach, Audience.AUTHORITY, phase, body, sent, why if is_late else "", by)


@transaction.atomic
def tell_persons(breach: Breach, sent: Sent, *, by: Actor) -> BreachReport:
    """Keep what the persons were told, as they read it."""
    require_officer(by)
    _require_sense(breach, sent, by)
    words = text.prose(sent.words, name="words", at_least=30, at_most=_WORDS)
    require_open(breach)
    phase = breach.reports.filter(audience=Audience.PERSONS).count() + 1
    body: dict[str, Fact] = {
        "format": FORMAT,
        "article": "34",
        "breach": str(breach.pk),
        "phase": phase,
        "is_last": sent.is_last,
        "words": words,
    }
    return _keep(breach, Audience.PERSONS, phase, body, sent, "", by)


def read(report: BreachReport) -> dict[str, Any]:
    """The document of a phase."""
    found: dict[str, Any] = json.loads(report.body)
    return found


def document(breach: Breach, *, phase: int, sent: Sent, delay_reason: str) -> dict[str, Fact]:
    """The fields of Art. 33(3), from the register as it stands."""
    operator = Participant.objects.filter(is_operator=True).values_list("name", "country").first() or ("", "")
    controller = {"name": operator[0], "country": operator[1], "contact": settings.EXCHANGE_CONTACT}
    return {
        "format": FORMAT,
        "article": "33",
        "breach": str(breach.pk),
        "phase": phase,
        "is_last": sent.is_last,
        "controller": controller,
        **facts(breach),
        "delay_reason": delay_reason,
    }


def facts(breach: Breach) -> Mapping[str, Fact]:
    """What the register says of a breach, for documents and exports."""
    return {
        "nature": {
            "kinds": breach.kinds,
            "what": breach.what,
            "systems": breach.systems,
            "reported_by": breach.reported_by,
            "occurred_from": _time(breach.occurred_from),
            "occurred_until": _time(breach.occurred_until),
            "detected_at": _time(breach.detected_at),
            "became_aware_at": _time(breach.became_aware_at),
        },
        "persons": {"about": breach.persons_count, "categories": breach.persons_categories},
        "records": {"about": breach.records_count, "categories": breach.data_categories},
        "reach": [_reach(scope) for scope in breach.scopes.order_by("pk")],
        "consequences": breach.consequences,
        "measures": {"taken": breach.measures_taken, "proposed": breach.measures_proposed},
        "risk": {"level": breach.risk, "method": breach.risk_method, "reasons": breach.risk_reasons},
        "exemption": {"ground": breach.exemption, "reasons": breach.exemption_reasons},
        "deadline": {
            "due_at": _time(breach.due_at),
            "profile_version": breach.profile_version,
            "profile_sha256": breach.profile_sha256,
        },
    }


def _reach(scope: Any) -> Mapping[str, Fact]:
    return {**scope.facts(), "declared": scope.categories}


def _require_sense(breach: Breach, sent: Sent, by: Actor) -> None:
    if sent.channel not in BreachReport.Channel.values:
        raise Invalid(f"a notification is sent by {', '.join(BreachReport.Channel.values)}")
    known_at = breach.became_aware_at.replace(second=0, microsecond=0)  # people give the minute
    if not known_at <= sent.sent_at <= by.at:
        raise Invalid(
            "a notification is sent after the breach was known, and not in the future", code="moments_wrong"
        )


def _keep(
    breach: Breach,
    audience: str,
    phase: int,
    body: Mapping[str, Fact],
    sent: Sent,
    delay_reason: str,
    by: Actor,
) -> BreachReport:
    written = canonical.encode(body)
    report = BreachReport.objects.create(
        breach=breach,
        audience=audience,
        phase=phase,
        is_last=sent.is_last,
        channel=sent.channel,
        reference=text.line(sent.reference, name="reference", at_least=0),
        sent_at=sent.sent_at,
        recorded_at=by.at,
        delay_reason=delay_reason,
        body=written.decode(),
        sha256=hashlib.sha256(written).hexdigest(),
    )
    typed = {"reference": report.reference, "delay_reason": delay_reason}
    events.record(
        f"breach.{audience}_told",
        breach,
        by=by,
        facts=report.facts(),
        typed={name: value for name, value in typed.items() if value} or None,
    )
    return report


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else timestamp(moment)
