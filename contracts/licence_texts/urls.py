"""Routes of the seller's own documents."""

from django.urls import path

from contracts.licence_texts import pages

urlpatterns = [
    path("sell/offers/documents", pages.documents, name="sell_offers_documents"),
    path("documents/<uuid:licence_text_id>", pages.licence_text, name="licence_text"),
]
