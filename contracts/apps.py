from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "contracts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from contracts import refusals, stops
        from contracts.models import Agreement, Entitlement, Offer, Transfer
        from exchange.kernel import triggers
        from exchange.look.refusals import register

        register(refusals.SENTENCES)
        triggers.register(
            self.label,
            [
                *triggers.frozen_but(Offer, "state", "published_at"),
                *triggers.frozen_but(Agreement, "state"),
                *triggers.frozen_but(Entitlement, "state", "activated_at", "ends_at", "reason"),
                triggers.Guard(Transfer, "no_delete", "DELETE", "contracts_transfer: rows are kept"),
                triggers.Guard(
                    Transfer,
                    "sent_stays",
                    "UPDATE",
                    "contracts_transfer: what was sent stays sent",
                    when="NEW.sent_bytes < OLD.sent_bytes OR NEW.spent_bytes < OLD.spent_bytes",
                ),
                *stops.announcements(),
            ],
        )
