from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from exchange.kernel.triggers import Trigger


class ContractsConfig(AppConfig):
    name = "contracts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from contracts import refusals
        from contracts.models import (
            Agreement,
            AgreementParty,
            Annex,
            Attachment,
            DeletionStatement,
            Entitlement,
            LicenceText,
            Message,
            Negotiation,
            Offer,
            Rider,
            Round,
            Signature,
            Succession,
            Transfer,
        )
        from contracts.transfers import stops
        from exchange.kernel import triggers
        from exchange.look.refusals import register

        register(refusals.SENTENCES, refusals.WAYS)
        triggers.register(
            self.label,
            [
                *triggers.frozen_but(
                    Offer, "state", "published_at", "published_by", "published_class", "link_hash"
                ),
                *triggers.frozen_but(
                    Negotiation,
                    *("state", "terms", "plan", "round", "proposal", "reason", "decide_by", "accept_by"),
                    *("approved_by", "approved_at", "accepted_by", "accepted_at", "renews"),
                ),
                *triggers.append_only(Round),
                *triggers.append_only(Signature),
                *triggers.append_only(Rider),
                *triggers.append_only(Message),
                *triggers.append_only(Attachment),
                *triggers.frozen_but(Agreement, "state"),
                *triggers.frozen_but(AgreementParty, "identity", "erased_at"),
                triggers.Guard(
                    AgreementParty,
                    "only_erased",
                    "UPDATE",
                    "contracts_agreementparty: an identity is kept or erased",
                    when="NEW.identity IS NOT NULL",
                    frozen=("identity",),
                ),
                *triggers.append_only(Annex),
                *triggers.frozen_but(Entitlement, "state", "activated_at", "ends_at", "reason", "delete_by"),
                *triggers.append_only(DeletionStatement),
                *triggers.append_only(LicenceText),
                *_of_sourcing(),
                *triggers.frozen_but(Succession, "consents", "consented_to"),
                triggers.Guard(Transfer, "no_delete", "DELETE", "contracts_transfer: rows are kept"),
                triggers.Guard(
                    Transfer,
                    "sent_stays",
                    "UPDATE",
                    "contracts_transfer: what was sent stays sent",
                    when="NEW.sent_bytes < OLD.sent_bytes OR NEW.spent_bytes < OLD.spent_bytes",
                ),
                *stops.announcements(),
            ],
        )


def _of_sourcing() -> "list[Trigger]":
    """What the database refuses to change of data requests and their answers."""
    from contracts.models import DataRequest, DataRequestAnswer, DataRequestAudience
    from exchange.kernel import triggers

    closed = "contracts_datarequest: a closed data request stays as it is"
    return [
        *triggers.frozen_but(
            DataRequest,
            *("state", "outcome", "title", "wanted", "themes", "purpose", "country", "budget_minor"),
            *("currency", "shows_budget", "edition", "closes_at", "closed_at", "reason"),
        ),
        triggers.Guard(DataRequest, "closed_stays", "UPDATE", closed, when="OLD.state = 'closed'"),
        *triggers.append_only(DataRequestAudience),
        *triggers.frozen_but(DataRequestAnswer, "state", "word"),
    ]
