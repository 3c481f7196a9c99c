"""Routes of what an organisation's invoices say of it."""

from django.urls import path

from payments.invoices import billing_pages

urlpatterns = [
    path("organisation/billing", billing_pages.billing, name="organisation_billing"),
    path("organisation/billing/mandate", billing_pages.mandate, name="organisation_billing_mandate"),
]
