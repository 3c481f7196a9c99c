"""All routes."""

from django.urls import include, path, re_path

from compliance.pages import log_file
from exchange.participants.actors import oauth
from infra import operator_pages
from infra.api import api
from infra.pages import health, home

urlpatterns = [
    path(".well-known/oauth-authorization-server", oauth.metadata),
    path(".well-known/jwks.json", oauth.jwks),
    path("api/v1/", api.urls),
    re_path(r"^log/(?P<log>[0-9]{4}(?:\.[1-9])?)/(?P<path>.+)\Z", log_file, name="log_file"),
    path("accounts/", include("allauth.urls")),
    path("", include("exchange.look.urls")),
    path("", include("exchange.participants.urls")),
    path("operate/system", operator_pages.system, name="operate_health"),
    path("operate/system/reactions/<uuid:delivery_id>", operator_pages.try_again, name="operate_health_retry"),
    path("operate/settings", operator_pages.settings, name="operate_settings"),
    path("", include("compliance.urls")),
    path("", include("datasets.urls")),
    path("", include("payments.urls")),
    path("", include("contracts.urls")),
    path("", home),
    path("health", health),
]
handler400 = "infra.problems.bad_request"
handler403 = "infra.problems.forbidden"
handler404 = "infra.problems.not_found"
handler500 = "infra.problems.server_error"
