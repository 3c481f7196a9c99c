"""Template tags that say a price plan in the reader's language."""

from django import template

from payments.models import Charge
from payments.plans import refund_policies
from payments.plans import words as plan_words
from payments.plans.plans import Plan

register = template.Library()


@register.simple_tag
def plan_rhythm(plan: Plan) -> str:
    """What stands beside the amount of a plan."""
    return plan_words.rhythm(plan)


@register.simple_tag
def plan_name(plan: Plan) -> str:
    """What stands where a plan has no amount."""
    return plan_words.name(plan)


@register.simple_tag
def plan_sentences(plan: Plan) -> list[str]:
    """All that a plan promises and asks for beside its price."""
    return plan_words.sentences(plan)


@register.simple_tag
def plan_renewing(plan: Plan) -> list[str]:
    """What a buyer reads before it lets further terms follow; nothing where there are none."""
    return plan_words.renewing(plan)


@register.simple_tag
def plan_refund(plan: Plan) -> str:
    """What may be asked back: as the plan has it, or else the exchange now."""
    return "" if plan.is_free else plan_words.giving_back(plan.refund or refund_policies.default())


@register.simple_tag
def usual_refund(plan: Plan) -> str:
    """What may be asked back of a plan that says nothing of it: as the exchange has it now."""
    return "" if plan.refund else plan_refund(plan)


@register.simple_tag
def charge_refund_words(charge: Charge) -> str:
    """What may be asked back of a charge, as it was agreed."""
    return plan_words.giving_back(refund_policies.thaw(charge.refund_policy))


@register.simple_tag
def used_quantity(meter: str, count: int) -> str:
    """So many of what a meter counts."""
    return plan_words.quantity(meter, count)
