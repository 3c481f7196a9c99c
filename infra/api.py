"""The one NinjaAPI: assembles every app's router under /api/v1."""

from collections.abc import Iterable
from typing import Any

from ninja import NinjaAPI, Router
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation, PathView

from compliance.activities.api import router as activities
from compliance.api import router as compliance
from compliance.breaches.api import router as breaches
from compliance.bundles.api import router as bundles
from compliance.bundles.evidence_api import router as evidence
from compliance.destinations.api import router as law
from compliance.duties.api import router as duties
from compliance.flows.api import router as flows
from compliance.incidents.api import router as incidents
from compliance.informing.api import router as informing
from compliance.intermediation.api import router as intermediation
from compliance.notices.api import router as recipient_notices
from compliance.recipients.api import router as recipients
from compliance.requests.api import router as requests_of_persons
from compliance.retention.api import router as retention
from compliance.reviews.api import router as publish_gate
from contracts.agreements.api import router as agreements
from contracts.agreements.odrl_api import router as odrl
from contracts.api import router as contracts
from contracts.catalogue.schedule_api import router as schedules
from contracts.choices.api import router as choices
from contracts.data_requests.api import router as data_requests
from contracts.decisions.api import router as decisions
from contracts.deletions.api import router as deletions
from contracts.entitlements.window_api import router as windows
from contracts.groups.api import router as groups
from contracts.licence_texts.api import router as licence_texts
from contracts.money.share_api import router as sharing_out
from contracts.negotiations.api import router as negotiations
from contracts.offers.audience_api import router as audiences
from contracts.orders.api import router as orders
from contracts.own_templates.api import router as templates
from contracts.renewals.api import router as renewals
from contracts.sales.case_file_api import router as case_files
from contracts.talks.api import router as talks
from datasets.api import router as datasets
from datasets.gate.api import router as seller_gate
from datasets.schedules.api import router as announcing
from exchange.participants.actors.auth import api_auth
from exchange.participants.api import router as participants
from exchange.participants.webhooks.api import router as webhooks
from infra import problems
from payments.api import router as payments
from payments.charges.coupon_api import router as coupons
from payments.checkouts.method_api import router as methods
from payments.invoices.api import router as invoices
from payments.ledger.api import router as ledger
from payments.payouts.api import router as payouts
from payments.refunds.api import router as refunds
from payments.shares.api import router as shares
from payments.subscriptions.api import router as subscriptions


def _one_of(routers: Iterable[Router]) -> Router:
    """All routes in one router: two apps serve one path by different methods, and Django would stop at the first
    app's pattern."""
    whole = Router()
    for router in routers:
        for path, view in router.path_operations.items():
            merged = whole.path_operations.setdefault(path, PathView())
            merged.is_async = merged.is_async or view.is_async
            for operation in view.operations:
                operation.tags = operation.tags or router.tags
                merged.operations.append(operation)
    return whole


class _Api(NinjaAPI):
    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Ninja's description, with the form of every refusal."""
        described = super().get_openapi_schema(**options)
        problems.describe(described)
        return described

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """By its app and its own name, wherever it stands in the app: programs are made from these names."""
        app, _, _ = operation.view_func.__module__.partition(".")
        return f"{app}_{operation.view_func.__name__}"


api = _Api(
    title="Comptoir",
    version="1",
    description="A data exchange that an organisation runs itself.",
    urls_namespace="api",
    auth=api_auth,
)
problems.install(api)
api.add_router(
    "",
    _one_of(
        (
            participants,
            webhooks,
            contracts,
            audiences,
            choices,
            groups,
            negotiations,
            orders,
            sharing_out,
            talks,
            agreements,
            renewals,
            case_files,
            decisions,
            data_requests,
            licence_texts,
            templates,
            deletions,
            windows,
            odrl,
            schedules,
            datasets,
            announcing,
            seller_gate,
            payments,
            invoices,
            ledger,
            methods,
            payouts,
            refunds,
            shares,
            subscriptions,
            coupons,
            compliance,
            duties,
            evidence,
            requests_of_persons,
            breaches,
            incidents,
            retention,
            activities,
            flows,
            recipient_notices,
            recipients,
            law,
            publish_gate,
            informing,
            intermediation,
            bundles,
        )
    ),
)
