"""Acknowledge a duty to inform, and say what was done about it: the buyer's own member or program does, once each."""

from django.db import transaction

from compliance import legal
from compliance.models import InformingDuty
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid

How = InformingDuty.How
EXEMPTIONS = ("14.5.a", "14.5.b", "14.5.c", "14.5.d")


@transaction.atomic
def acknowledge(duty: InformingDuty, *, by: Actor) -> InformingDuty:
    """Say that the buyer knows that it has to inform the persons; once, and a second time changes nothing."""
    _require_buyer(duty, by)
    if InformingDuty.objects.filter(pk=duty.pk, acknowledged_at=None).update(acknowledged_at=by.at):
        duty.refresh_from_db()
        events.record("informingduty.acknowledged", duty, by=by)
    duty.refresh_from_db()
    return duty


@transaction.atomic
def answer(duty: InformingDuty, *, how: str, said: str, exemption: str = "", by: Actor) -> InformingDuty:
    """Say that the persons were told, and where the notice stands; or which exemption of Article 14(5) applies, and
    why. It counts as acknowledged, and stands."""
    _require_buyer(duty, by)
    if how not in How.values:
        raise Invalid(f"how must be one of {', '.join(How.values)}", code="invalid")
    require_exemption(how, exemption)
    cleaned = text.prose(said, name="said", at_least=10, at_most=1_000)
    changes = {"how": how, "exemption": exemption, "said": cleaned, "answered_at": by.at}
    if not InformingDuty.objects.filter(pk=duty.pk, answered_at=None).update(**changes):
        raise Conflict("you have answered this already", code="already_informed")
    InformingDuty.objects.filter(pk=duty.pk, acknowledged_at=None).update(acknowledged_at=by.at)
    duty.refresh_from_db()
    facts = {"how": how, "exemption": exemption or None}
    events.record("informingduty.answered", duty, by=by, facts=facts, typed={"said": cleaned})
    return duty


def _require_buyer(duty: InformingDuty, by: Actor) -> None:
    by.require(Scope.BUY)
    if by.participant_id != duty.buyer_id:
        raise Forbidden("only the organisation that received the data may say this", code="other_organisation")


def require_exemption(how: str, exemption: str) -> None:
    """Invalid for an exemption that is none of Article 14(5), or for one where the persons were told."""
    if how == How.TOLD:
        if exemption:
            raise Invalid("an exemption is for persons who were not told", code="unknown_exemption")
        return
    known = {ground.code for ground in legal.current().grounds("14(5)")}
    if exemption not in EXEMPTIONS or f"14(5)({exemption[-1]})" not in known:
        raise Invalid("exemption must be one of 14.5.a to 14.5.d", code="unknown_exemption")
