from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate

from exchange.kernel import triggers

_NOT_PRUNED = (
    "NOT EXISTS (SELECT 1 FROM kernel_pruning "
    "WHERE first_index <= OLD.leaf_index AND OLD.leaf_index < stop_index)"
)
_HAS_EVENT = "EXISTS (SELECT 1 FROM kernel_event WHERE kernel_event.id = OLD.event_id)"


class KernelConfig(AppConfig):
    name = "exchange.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from exchange.kernel.models import Event, EventDetail, EventParty, Pruning

        triggers.register(
            self.label,
            [
                *triggers.append_only(Event, set_once="leaf_index", kept_while=_NOT_PRUNED),
                *triggers.append_only(EventParty, kept_while=_HAS_EVENT),
                *triggers.append_only(Pruning, set_once="finished_at"),
                triggers.Guard(EventDetail, "no_update", "UPDATE", "what an Event says is never changed"),
            ],
        )
        pre_migrate.connect(triggers.lift, sender=self, dispatch_uid="kernel.triggers")
        post_migrate.connect(triggers.install, dispatch_uid="kernel.triggers")
