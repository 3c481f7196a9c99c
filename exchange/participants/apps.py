from django.apps import AppConfig

from exchange.kernel import triggers

_YEAR_KEPT = (
    "NOT EXISTS (SELECT 1 FROM participants_forgottenyear WHERE participants_forgottenyear.year = OLD.year)"
)


class ParticipantsConfig(AppConfig):
    name = "exchange.participants"
    label = "participants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from exchange.look import languages
        from exchange.look.refusals import register
        from exchange.participants import refusals, scouring, words
        from exchange.participants.models import ApiClient, ForgottenYear, Member, Pseudonym, VaultRecord
        from exchange.participants.notices import preferences

        register({**words.REFUSALS, **refusals.REFUSALS})
        triggers.register(
            self.label,
            [
                *triggers.append_only(Pseudonym, kept_while=_YEAR_KEPT),
                *triggers.append_only(ForgottenYear),
                *triggers.frozen_but(Member, "removed_at"),
                *triggers.frozen_but(ApiClient, "secret_hash", "last_used_at", "revoked_at"),
                triggers.Guard(
                    ApiClient, "revoked", "UPDATE", "a revoked client stays so", "OLD.revoked_at IS NOT NULL"
                ),
                scouring.KeysAnew(),
                *triggers.frozen_but(VaultRecord, "sealed"),
                triggers.Guard(
                    VaultRecord,
                    "shred_only",
                    "UPDATE",
                    "a sealed record is only shredded",
                    "NEW.sealed IS NOT NULL",
                ),
            ],
        )
        languages.register(preferences.follow_switch)
