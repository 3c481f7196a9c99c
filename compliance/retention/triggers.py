"""What the database itself refuses about retention: a hold's scope and authority never change, no row of a hold or of a
sweep goes, and a pruning names one whole log that has ended, is signed to its end, and is not held."""

from compliance.models import LegalHold, Sweep
from exchange.kernel.models import Pruning
from exchange.kernel.triggers import Guard, Trigger, append_only, frozen_but

_CHANGING = ("state", "review_on", "asked_by", "released_by", "released_at", "release_reason")
_NOT_A_WHOLE_LOG = (
    "NOT EXISTS (SELECT 1 FROM compliance_log AS ended JOIN compliance_log AS later "
    "ON later.first_index = NEW.stop_index AND later.name > ended.name "
    "JOIN compliance_checkpoint AS signed "
    "ON signed.log_id = ended.name AND signed.size >= NEW.stop_index - NEW.first_index "
    "WHERE ended.first_index = NEW.first_index AND NOT EXISTS (SELECT 1 FROM compliance_log AS amid "
    "WHERE NEW.first_index < amid.first_index AND amid.first_index < NEW.stop_index))"
)
_HELD = "EXISTS (SELECT 1 FROM compliance_legalhold WHERE state <> 'released' AND scope NOT IN ('period', 'log_year'))"


def all_of_them() -> list[Trigger]:
    return [
        *frozen_but(LegalHold, *_CHANGING),
        *append_only(Sweep),
        # Whoever may write this row decides which Events may be deleted, so it is held against the log's own rows.
        Guard(
            Pruning,
            "whole_log",
            "INSERT",
            "a pruning names one log that has ended, is signed to its end, and is not held",
            f"{_NOT_A_WHOLE_LOG} OR {_HELD}",
        ),
    ]
