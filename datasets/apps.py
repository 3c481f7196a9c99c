from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    name = "datasets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from datasets import refusals
        from datasets.guards import guards
        from exchange.kernel import triggers
        from exchange.look.refusals import register

        register(refusals.SENTENCES)
        triggers.register(self.label, guards())
