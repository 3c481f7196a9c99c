"""Which revisions a right may reach: the one agreed, and with a clause about revisions others of its dataset. Whether
such a one is included is decided where every attempt is: `admission.judge`."""

from uuid import UUID

from contracts import terms as usage_terms
from contracts.models import Entitlement
from datasets import queries as datasets
from datasets.models import Asset
from exchange.kernel.errors import NotFound


def asset_of(entitlement: Entitlement, wanted: UUID | str) -> Asset:
    """The file of the agreed revision with this id or name, or, where the terms speak of revisions, the file of another
    sealed one with this id."""
    try:
        return datasets.asset_of_revision(entitlement.revision_id, wanted)
    except NotFound:
        asset = None if isinstance(wanted, str) else datasets.received_asset(wanted)
        if asset is None or asset.revision.dataset_id != entitlement.dataset_id or not asset.revision.is_sealed:
            raise
        if all(clause.kind != "revisions" for clause in usage_terms.thaw(entitlement.terms).clauses):
            raise
        return asset
