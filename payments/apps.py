from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from exchange.kernel import triggers
        from payments.triggers import all_of_them

        triggers.register(self.label, all_of_them())
