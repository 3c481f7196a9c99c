"""Routes of the officer's desk, and of the public page about the log. Areas name these routes, so they have no
namespace."""

from django.urls import include, path

urlpatterns = [
    path("", include("compliance.health.urls")),
    path("", include("compliance.work.urls")),
    path("", include("compliance.transfers.urls")),
    path("", include("compliance.duties.urls")),
    path("", include("compliance.recipients.urls")),
    path("", include("compliance.destinations.urls")),
    path("", include("compliance.notices.urls")),
    path("", include("compliance.activities.urls")),
    path("", include("compliance.flows.urls")),
    path("", include("compliance.reviews.urls")),
    path("", include("compliance.informing.urls")),
    path("", include("compliance.intermediation.urls")),
    path("", include("compliance.bundles.urls")),
    path("", include("compliance.breaches.urls")),
    path("", include("compliance.incidents.urls")),
    path("", include("compliance.retention.urls")),
    path("", include("compliance.requests.urls")),
]
