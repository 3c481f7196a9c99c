"""How much an organisation has on the exchange: the table that `exchange.participants.operator.figures` takes at
start."""

from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contracts.models import Agreement, Transfer
from datasets.models import Dataset
from exchange.participants.models import ApiClient
from exchange.participants.operator.figures import Figure


def _clients(participant_id: UUID) -> int:
    return ApiClient.objects.filter(participant_id=participant_id, revoked_at=None).count()


def _datasets(participant_id: UUID) -> int:
    return Dataset.objects.filter(seller_id=participant_id, state=Dataset.State.PUBLISHED).count()


def _sales(participant_id: UUID) -> int:
    return Agreement.objects.filter(seller_id=participant_id).count()


def _purchases(participant_id: UUID) -> int:
    return Agreement.objects.filter(buyer_id=participant_id).count()


def _running(participant_id: UUID) -> int:
    side = Q(seller_id=participant_id) | Q(buyer_id=participant_id)
    return Transfer.objects.filter(side, state=Transfer.State.STARTED).count()


TABLE = (
    Figure(_("API clients"), _clients),
    Figure(_("Published datasets"), _datasets),
    Figure(_("Contracts as a seller"), _sales),
    Figure(_("Contracts as a buyer"), _purchases),
    Figure(_("Running downloads"), _running, is_running=True),
)
