from django.apps import AppConfig

from exchange.kernel import triggers


class ComplianceConfig(AppConfig):
    name = "compliance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from compliance.models import Checkpoint, Comparison, KeptProfile, Log, LogHead, Mismatch, Review

        triggers.register(
            self.label,
            [
                *triggers.append_only(Log),
                *triggers.append_only(LogHead),
                *triggers.append_only(Checkpoint),
                *triggers.append_only(Comparison),
                *triggers.append_only(Mismatch),
                *triggers.append_only(KeptProfile),
                *triggers.frozen_but(Review, "state", "reason", "decided_at"),
            ],
        )
