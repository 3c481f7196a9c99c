"""Legal profiles: those by which something was decided, and those that were installed."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id


class KeptProfile(models.Model):
    """A legal profile by which something was decided, as its file was written."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    version = models.CharField(max_length=200)
    body = models.BinaryField()
    kept_at = models.DateTimeField()


class InstalledProfile(models.Model):
    """A legal profile that came signed. The one of the highest serial number is in force."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    serial = models.BigIntegerField(unique=True)
    profile = models.ForeignKey(KeptProfile, on_delete=models.PROTECT, related_name="installed")
    note = models.BinaryField()  # the signed note, as it came
    signed_by = models.CharField(max_length=200)  # the name of the key
    key_id = models.CharField(max_length=8)
    as_of = models.DateField()
    operator_id = models.UUIDField()
    installed_at = models.DateTimeField()

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "profile": str(self.pk),
            "serial": self.serial,
            "sha256": self.profile_id,
            "as_of": self.as_of.isoformat(),
            "key": self.key_id,
        }

    def event_parties(self) -> list[UUID]:
        return [self.operator_id]
