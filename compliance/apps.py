from django.apps import AppConfig

from exchange.kernel import triggers


class ComplianceConfig(AppConfig):
    name = "compliance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from compliance.breaches import triggers as breaches
        from compliance.breaches.refusals import SENTENCES as OF_BREACHES
        from compliance.incidents import triggers as incidents
        from compliance.incidents.refusals import SENTENCES as OF_INCIDENTS
        from compliance.informing import triggers as informing
        from compliance.informing.refusals import SENTENCES as OF_INFORMING
        from compliance.intermediation.refusals import SENTENCES as OF_INTERMEDIATION
        from compliance.legal.refusals import SENTENCES as OF_LAW
        from compliance.models import (
            ActivityReview,
            ActivityVersion,
            Checkpoint,
            Comparison,
            InstalledProfile,
            KeptProfile,
            Log,
            LogHead,
            Mismatch,
            PriceList,
            Review,
            TimeStamp,
            TransferBasis,
            Verdict,
        )
        from compliance.notices import triggers as notices
        from compliance.requests import triggers as requests
        from compliance.requests.refusals import SENTENCES as OF_REQUESTS
        from compliance.retention import triggers as retention
        from compliance.retention.refusals import SENTENCES as OF_HOLDS
        from exchange.look.refusals import register

        register(OF_LAW)
        register(OF_INFORMING)
        register(OF_INCIDENTS)
        register(OF_INTERMEDIATION)
        register(OF_BREACHES)
        register(OF_HOLDS)
        register(OF_REQUESTS)
        triggers.register(
            self.label,
            [
                *breaches.all_of_them(),
                *incidents.all_of_them(),
                *informing.all_of_them(),
                *retention.all_of_them(),
                *requests.all_of_them(),
                *notices.all_of_them(),
                *triggers.append_only(Log),
                *triggers.append_only(LogHead),
                *triggers.append_only(Checkpoint),
                *triggers.append_only(Comparison),
                *triggers.append_only(Mismatch),
                *triggers.append_only(TimeStamp),
                *triggers.append_only(KeptProfile),
                *triggers.append_only(PriceList),
                *triggers.append_only(ActivityVersion),
                *triggers.append_only(ActivityReview),
                *triggers.append_only(InstalledProfile),
                *triggers.frozen_but(
                    TransferBasis,
                    *("state", "confirmed_by", "confirmed_at", "revoked_at", "revoked_for"),
                    *("agreement_id", "transfer_id", "spent_at"),
                ),
                *triggers.frozen_but(Review, "state", "taken_from_id", "reason", "decided_at"),
                *triggers.append_only(Verdict),
            ],
        )
