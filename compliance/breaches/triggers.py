"""What the database itself refuses about the register of breaches: what was frozen or sent never changes, and how a
breach began stays as it was entered."""

from compliance.models import Breach, BreachRecipient, BreachReport, BreachScope, BreachStop
from exchange.kernel.triggers import Guard, Trigger, columns

_BEGINNING = (
    *("kinds", "reported_by", "occurred_from", "occurred_until", "detected_at", "became_aware_at", "due_at"),
    *("profile_version", "profile_sha256", "opened_by", "opened_at"),
)


def all_of_them() -> list[Trigger]:
    found: list[Trigger] = [
        Guard(
            Breach,
            "frozen",
            "UPDATE",
            "compliance_breach: how it began is frozen",
            frozen=_BEGINNING,
        ),
        Guard(Breach, "no_delete", "DELETE", "compliance_breach: rows are kept", when="OLD.state = 'open'"),
    ]
    for model in (BreachScope, BreachRecipient, BreachReport, BreachStop):
        table = model._meta.db_table
        found.append(Guard(model, "frozen", "UPDATE", f"{table}: rows are frozen", frozen=columns(model)))
        of = (
            "(SELECT breach_id FROM compliance_breachscope WHERE compliance_breachscope.id = OLD.scope_id)"
            if model is BreachRecipient
            else "OLD.breach_id"
        )
        is_open = (
            f"EXISTS (SELECT 1 FROM compliance_breach WHERE compliance_breach.id = {of} AND state = 'open')"  # noqa: S608
        )
        found.append(Guard(model, "no_delete", "DELETE", f"{table}: rows are kept", when=is_open))
    return found
