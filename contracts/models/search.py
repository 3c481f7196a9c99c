"""What the search of the catalogue keeps."""

from django.db import models
from django.db.models import Q

from datasets.models import Dataset
from exchange.kernel.ids import new_id
from exchange.participants.models import Member


class StaleEntry(models.Model):
    """A dataset of which the search index may not say what is true now. Every change sets a fresh `mark`, and who
    brings the index up to date removes only the mark it has seen."""

    dataset = models.OneToOneField(Dataset, on_delete=models.PROTECT, primary_key=True, related_name="+")
    mark = models.UUIDField()


class SavedSearch(models.Model):
    """A search of the catalogue that one member keeps by a name. `place` is one of MOST, so that the database holds
    the limit; `query` is the search as the catalogue's address says it."""

    MOST = 50

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="saved_searches")
    place = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=100)
    query = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "place"], name="saved_search_place_once"),
            models.UniqueConstraint(fields=["member", "title"], name="saved_search_title_once"),
            models.CheckConstraint(condition=Q(place__gte=1, place__lte=50), name="saved_search_place_known"),
        ]
