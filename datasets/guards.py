"""What the database itself refuses: changes of sealed revisions and their assets, of received bytes, of
declarations, of profiles and of what was announced."""

from datasets.models import Asset, Declaration, Profile, Revision, Schedule, ScheduledRevision
from exchange.kernel.triggers import Guard, Trigger, TruncateGuard, append_only, columns, frozen_but


def guards() -> list[Trigger]:
    """The triggers of this app."""
    return [
        *append_only(Declaration),
        *append_only(Profile),
        *_of_revisions(),
        *_of_assets(),
        *frozen_but(Schedule, "ended_at"),
        *frozen_but(ScheduledRevision, "revision_id", "met_at", "late_at", "dropped_at"),
    ]


def _of_revisions() -> list[Trigger]:
    message = "what is sealed never changes"
    return [
        Guard(
            Revision,
            "frozen",
            "UPDATE",
            message,
            "OLD.state <> 'open'",
            columns(Revision, but=("state", "measured_at")),
        ),
        Guard(
            Revision, "identity", "UPDATE", "a revision keeps its place", frozen=("id", "dataset_id", "number")
        ),
        Guard(
            Revision,
            "one_way",
            "UPDATE",
            message,
            "OLD.state = 'revoked' OR (OLD.state = 'sealed' AND NEW.state = 'open')",
            ("state",),
        ),
        Guard(
            Revision,
            "measured_once",
            "UPDATE",
            "a revision is measured once",
            "OLD.measured_at IS NOT NULL",
            ("measured_at",),
        ),
        Guard(Revision, "no_delete", "DELETE", "revisions are kept"),
        TruncateGuard(Revision),
    ]


def _of_assets() -> list[Trigger]:
    message = "the assets of a sealed revision never change"
    return [
        Guard(Asset, "insert_open", "INSERT", message, _unless_open("NEW")),
        Guard(Asset, "update_open", "UPDATE", message, _unless_open("OLD")),
        Guard(Asset, "delete_open", "DELETE", message, _unless_open("OLD")),
        Guard(Asset, "received_once", "UPDATE", "an asset is received once", "OLD.received_at IS NOT NULL"),
        Guard(Asset, "identity", "UPDATE", "an asset keeps its revision", frozen=("id", "revision_id")),
        TruncateGuard(Asset),
    ]


def _unless_open(row: str) -> str:
    table = Revision._meta.db_table
    return (
        f"NOT EXISTS (SELECT 1 FROM {table} "  # noqa: S608
        f"WHERE {table}.id = {row}.revision_id AND {table}.state = 'open')"
    )
