"""What others keep of a transfer, as an application of its own: a plain row, and one that django-auditlog follows."""

from auditlog.registry import auditlog
from django.db import models


class Row(models.Model):
    """The facts of a transfer, as columns."""

    buyer = models.CharField(max_length=40)
    dataset = models.CharField(max_length=40)
    licence = models.CharField(max_length=40)
    size_bytes = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    address = models.CharField(max_length=45)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class Plain(Row):
    """Inserted, and that is all."""

    class Meta:
        app_label = "peers"


class Audited(Row):
    """Inserted, with the entry that django-auditlog makes of it."""

    class Meta:
        app_label = "peers"


auditlog.register(Audited)
