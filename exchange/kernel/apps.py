from django.apps import AppConfig
from django.db.models.signals import post_migrate

from exchange.kernel import triggers


class KernelConfig(AppConfig):
    name = "exchange.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from exchange.kernel.models import Event, EventDetail, EventParty

        triggers.register(
            self.label,
            [
                *triggers.append_only(Event, set_once="leaf_index"),
                *triggers.append_only(EventParty),
                triggers.Guard(EventDetail, "no_update", "UPDATE", "what an Event says is never changed"),
            ],
        )
        post_migrate.connect(triggers.install, dispatch_uid="kernel.triggers")
