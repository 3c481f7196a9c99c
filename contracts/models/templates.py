"""The templates of terms that sellers keep."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.participants.models import Participant


class OwnTemplate(models.Model):
    """Clauses that a seller keeps under a name, to begin offers with. They are copied from, never referred to: nothing
    that was written or signed knows its template."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="own_templates")
    name = models.CharField(max_length=100)
    terms = models.JSONField()
    kept_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seller", "name"], name="own_template_name_once")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "template": str(self.pk),
            "seller": str(self.seller_id),
            "clauses": [str(clause["kind"]) for clause in self.terms],
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id]
