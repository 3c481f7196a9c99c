from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class InfraConfig(AppConfig):
    name = "infra"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from compliance import labels as desk_labels
        from compliance.bundles import contents as evidence_contents
        from exchange.kernel import events
        from exchange.look import areas
        from exchange.participants import news as told
        from exchange.participants.operator import figures as participant_figures
        from infra import checks, counts, evidence, figures, labels, news, reactions  # noqa: F401
        from infra.celery import app, make_broker_folders

        app.set_default()
        make_broker_folders()
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where it is missing
        events.register(reactions.TABLE, apart=reactions.APART)
        desk_labels.register(labels.TABLE, labels.WORDS, labels.TERMS)
        evidence_contents.register(evidence.PAPERS)
        areas.show_counts(counts.TABLE)
        participant_figures.register(figures.TABLE)
        told.register(news.TABLE, news.NAMES, news.reason)
