from django.apps import AppConfig


class LookConfig(AppConfig):
    name = "exchange.look"
    label = "look"
