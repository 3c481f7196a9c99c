"""The one NinjaAPI: assembles every app's router under /api/v1."""

from collections.abc import Iterable
from typing import Any

from ninja import NinjaAPI, Router
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import PathView

from compliance.api import router as compliance
from compliance.duty_api import router as duties
from compliance.evidence_api import router as evidence
from contracts.agreement_api import router as agreements
from contracts.api import router as contracts
from contracts.audience_api import router as audiences
from contracts.case_file_api import router as case_files
from contracts.choice_api import router as choices
from contracts.data_request_api import router as data_requests
from contracts.decision_api import router as decisions
from contracts.deletion_api import router as deletions
from contracts.group_api import router as groups
from contracts.licence_api import router as licence_texts
from contracts.negotiation_api import router as negotiations
from contracts.odrl_api import router as odrl
from contracts.renewal_api import router as renewals
from contracts.schedule_api import router as schedules
from contracts.talk_api import router as talks
from contracts.template_api import router as templates
from contracts.window_api import router as windows
from datasets.api import router as datasets
from datasets.schedule_api import router as announcing
from exchange.participants.api import router as participants
from exchange.participants.auth import api_auth
from exchange.participants.webhook_api import router as webhooks
from infra import problems
from payments.api import router as payments


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
            payments,
            compliance,
            duties,
            evidence,
        )
    ),
)
