"""Routes of notices to recipients: the officers' board, the recipient's own, and the seller's."""

from django.urls import path

from compliance.notices import pages

urlpatterns = [
    path("compliance/notices", pages.desk_notices, name="desk_notices"),
    path("compliance/notices/<uuid:notice_id>", pages.desk_notices_one, name="desk_notices_one"),
    path(
        "compliance/notices/<uuid:notice_id>/statement.<slug:form>",
        pages.desk_notices_statement,
        name="desk_notices_statement",
    ),
    path("compliance/notices/recipients/<uuid:row_id>", pages.desk_notices_row, name="desk_notices_row"),
    path("my-data/notices", pages.buy_notices, name="buy_notices"),
    path("my-data/notices/<uuid:row_id>", pages.buy_notices_one, name="buy_notices_one"),
    path("sell/notices", pages.sell_notices, name="sell_notices"),
    path("sell/notices/<uuid:notice_id>", pages.sell_notices_one, name="sell_notices_one"),
]
