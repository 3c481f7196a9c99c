"""What a price plan says in words, in the reader's language: beside its amount, in the place of one, and in full as the
contract has it."""

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.look import formats
from payments.plans.plans import Component, Meter, Metering, Plan, Rhythm, Tier
from payments.plans.refund_policies import Policy


def rhythm(plan: Plan) -> str:
    """What stands beside the amount of a plan; nothing for what is paid once."""
    if plan.rhythm is not None:
        return _every(plan.rhythm.months)
    if plan.parts:
        return ngettext("in %(count)s part", "in %(count)s parts", len(plan.parts)) % {"count": len(plan.parts)}
    return ""


def name(plan: Plan) -> str:
    """What stands in the place of an amount, where a plan has none."""
    if plan.metering is not None:
        return _("By use")
    return _("Price on request") if plan.is_quote else _("Free")


def whole(plan: Plan) -> str:
    """A plan on one line, amount and all."""
    if plan.price is None:
        return name(plan)
    return " ".join(filter(None, [formats.money(plan.price.minor, plan.price.currency), rhythm(plan)]))


def sentences(plan: Plan, language: str | None = None) -> list[str]:
    """All that a plan promises and asks for beside its price, and what it says of giving money back; nothing for what
    is free, or paid once and silent on that."""
    with translation.override(language or translation.get_language()):
        return [*_of_time(plan), *([giving_back(plan.refund)] if plan.refund else [])]


def renewing(plan: Plan, language: str | None = None) -> list[str]:
    """What a buyer reads before it consents that a term is followed by others: what renews, when, at what price, and
    how to stop it. Nothing where the plan offers no other term."""
    found = plan.rhythm
    if found is None or not found.is_renewable or plan.price is None:
        return []
    with translation.override(language or translation.get_language()):
        return [
            ngettext(
                "When the term of %(count)s period is over, another one like it begins, and so on after each.",
                "When the term of %(count)s periods is over, another one like it begins, and so on after each.",
                found.periods,
            )
            % {"count": formats.number(found.periods)},
            _("Each costs what the first one does, on the same terms: %(price)s before VAT %(every)s.")
            % {"price": formats.money(plan.price.minor, plan.price.currency), "every": _every(found.months)},
            _("You stop it at any time until a term is over, on the page “Payments over time” of the sale."),
        ]


def giving_back(policy: Policy) -> str:
    """What a buyer may ask back, and for how long."""
    if policy.kind == "none":
        return _("The buyer may not ask for money back.")
    if policy.kind == "unused":
        words = ngettext(
            "The buyer may ask for a payment back for %(count)s day after it, while nothing was downloaded.",
            "The buyer may ask for a payment back for %(count)s days after it, while nothing was downloaded.",
            policy.window_days,
        )
    else:
        words = ngettext(
            "The buyer may ask for a payment back for %(count)s day after it, for any reason; once something was "
            "downloaded, the seller decides.",
            "The buyer may ask for a payment back for %(count)s days after it, for any reason; once something was "
            "downloaded, the seller decides.",
            policy.window_days,
        )
    return words % {"count": formats.number(policy.window_days)}


def quantity(meter: Meter | str, count: int) -> str:
    """So many of what a meter counts."""
    named = {"count": formats.number(count)}
    if meter == "rows":
        return ngettext("%(count)s row", "%(count)s rows", count) % named
    if meter == "bytes":
        return formats.size(count)
    if meter == "copies":
        return ngettext("%(count)s copy", "%(count)s copies", count) % named
    return ngettext("%(count)s request", "%(count)s requests", count) % named


def minimum() -> str:
    """What lifts a bill to what is paid at least."""
    return _("Up to what is paid at least")


def _of_time(plan: Plan) -> list[str]:
    if plan.rhythm is not None:
        return _of_subscription(plan, plan.rhythm)
    if plan.metering is not None:
        return _of_metering(plan.metering)
    if plan.parts:
        return _of_parts(plan)
    return [_("The seller names the price in its answer.")] if plan.is_quote else []


def _of_subscription(plan: Plan, found: Rhythm) -> list[str]:
    assert plan.price is not None, "a subscription has a price"
    price = formats.money(plan.price.minor, plan.price.currency)
    said = [
        _("%(price)s before VAT %(every)s, paid when each period begins.")
        % {"price": price, "every": _every(found.months)}
    ]
    if found.trial_days:
        said.append(
            ngettext(
                "The first %(count)s day costs nothing.",
                "The first %(count)s days cost nothing.",
                found.trial_days,
            )
            % {"count": found.trial_days}
        )
    said.append(
        ngettext(
            "Agreed for %(count)s period; it ends with it.",
            "Agreed for %(count)s periods; it ends with the last one.",
            found.periods,
        )
        % {"count": formats.number(found.periods)}
    )
    if found.is_renewable:
        said.append(
            _("Another term follows only if the buyer agrees to it, at the same price and on the same terms.")
        )
    said.append(_("The buyer may cancel at any time, and keeps the data open until the period ends."))
    return said


def _of_metering(metering: Metering) -> list[str]:
    said = [_("Paid by use, after each period: %(every)s.") % {"every": _every(metering.months)}]
    said += [line for component in metering.components for line in _of_component(component, metering.currency)]
    if metering.minimum_minor:
        amount = formats.money(metering.minimum_minor, metering.currency)
        said.append(_("At least %(amount)s for each period.") % {"amount": amount})
    if metering.cap_minor is not None:
        amount = formats.money(metering.cap_minor, metering.currency)
        said.append(
            _("The buyer’s cap begins with %(amount)s for each period; the buyer may change it.")
            % {"amount": amount}
        )
    said.append(
        _(
            "A copy counts when it begins, going on with it costs no other copy, and what comes back is not paid."
        )
    )
    return said


def _of_component(component: Component, currency: str) -> list[str]:
    said = []
    if component.included:
        said.append(_("Included: %(quantity)s.") % {"quantity": quantity(component.meter, component.included)})
    if component.model == "volume":
        said.append(_("The tier in which all of it lies sets the price of all of it."))
    return [*said, *(_of_tier(component, tier, currency) for tier in component.tiers)]


def _of_tier(component: Component, tier: Tier, currency: str) -> str:
    named = {
        "amount": formats.money(tier.price_minor, currency),
        "per": quantity(component.meter, tier.per),
        "most": quantity(component.meter, tier.up_to or 0),
    }
    if component.model == "package":
        return _("%(amount)s for each package of %(per)s that is begun.") % named
    if tier.up_to is not None:
        return _("%(amount)s for %(per)s, up to %(most)s.") % named
    return (
        _("%(amount)s for %(per)s.") % named
        if len(component.tiers) == 1
        else _("%(amount)s for %(per)s beyond.") % named
    )


def _of_parts(plan: Plan) -> list[str]:
    assert plan.price is not None, "what is paid in parts has a price"
    said = []
    for part in plan.parts:
        amount = {"amount": formats.money(part.amount_minor, plan.price.currency), "count": part.after_days}
        if part.after_days:
            said.append(
                ngettext(
                    "%(amount)s %(count)s day after it begins.",
                    "%(amount)s %(count)s days after it begins.",
                    part.after_days,
                )
                % amount
            )
        else:
            said.append(_("%(amount)s at the signature.") % amount)
    return [*said, _("All parts are owed, also where the data is not used.")]


def _every(months: int) -> str:
    return ngettext("each month", "every %(count)s months", months) % {"count": months}
