"""Routes of the publish gate on the desk."""

from django.urls import path

from compliance.reviews import pages

urlpatterns = [
    path("compliance/reviews", pages.desk_reviews, name="desk_reviews"),
    path("compliance/reviews/<uuid:review_id>", pages.desk_review, name="desk_review"),
]
