"""The duty to inform the persons (Art. 14), as it stands before a right's first download: where the law in force asks
the buyer to acknowledge it first, no link is given out before."""

from compliance.informing import beforehand
from compliance.models import InformingWord
from contracts.models import Entitlement
from datasets import datasets
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Forbidden

SENTENCE = "this is personal data; first acknowledge, on the page of the licence, that you inform the persons"


def is_lacking(entitlement: Entitlement, personal_data: str) -> bool:
    """Whether the buyer has still to acknowledge it, before it takes data of this class. A right that began before the
    day that the law names is left as it was."""
    began = entitlement.activated_at
    return began is not None and beforehand.is_lacking(
        entitlement.buyer_id,
        entitlement.dataset_id,
        personal_data=personal_data,
        began_on=beforehand.day_of(began),
    )


def lacks(entitlement: Entitlement) -> bool:
    """The same for the revision that was agreed."""
    return is_lacking(entitlement, datasets.class_in_force(entitlement.dataset, entitlement.revision))


def require_said(entitlement: Entitlement, personal_data: str) -> None:
    """Refuse a link as long as it is lacking."""
    if is_lacking(entitlement, personal_data):
        raise Forbidden(SENTENCE, code="informing_not_acknowledged")


def say(entitlement: Entitlement, *, exemption: str = "", said: str = "", by: Actor) -> InformingWord:
    """Say for the buyer that it knows of the duty, or which exemption of Article 14(5) applies, and why."""
    return beforehand.say(
        entitlement.dataset_id,
        entitlement.seller_id,
        buyer_id=entitlement.buyer_id,
        exemption=exemption,
        said=said,
        by=by,
    )
