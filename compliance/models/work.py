"""How officers work: questions that they ask again and again, and how often they are written to."""

from django.db import models
from django.db.models import Q

from exchange.kernel.ids import new_id
from exchange.participants.models import Member


class DeskView(models.Model):
    """A question to the list of transfers that the officers of one organisation keep by a name. `place` is one of MOST,
    so that the database holds the limit; `query` is the question as the page's address says it."""

    MOST = 50

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    participant_id = models.UUIDField()
    place = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=100)
    query = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant_id", "place"], name="desk_view_place_once"),
            models.UniqueConstraint(fields=["participant_id", "title"], name="desk_view_title_once"),
            models.CheckConstraint(condition=Q(place__gte=1, place__lte=50), name="desk_view_place_known"),
        ]


class Digest(models.Model):
    """That an officer is written to about the desk, how often, and when next. No row: never."""

    class Pace(models.TextChoices):
        DAILY = "daily"
        WEEKLY = "weekly"

    member = models.OneToOneField(
        Member, on_delete=models.PROTECT, primary_key=True, related_name="desk_digest"
    )
    pace = models.CharField(max_length=8, choices=Pace.choices)
    next_at = models.DateTimeField(db_index=True)
    sent_at = models.DateTimeField(null=True)
