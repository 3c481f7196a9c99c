"""What members are told of their own organisation: whether it may trade, who acts for it, and its API clients."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from exchange.kernel.actors import Scope
from exchange.participants.news import EXCHANGE, Facts, Group, News, Tells
from exchange.participants.notices import queries as notice_queries


def _operator_while_it_waits(facts: Facts) -> Mapping[UUID, Facts]:
    """The operator, unless the application was decided before anybody was told."""
    decides = notice_queries.operator_of_application(UUID(str(facts["participant"])))
    return {row_id: {} for row_id in decides}


TABLE = (
    News(
        "participant.applied",
        EXCHANGE,
        Scope.OPERATE,
        Group.SALES,
        _("%(participant)s asks to take part"),
        _("Look at its evidence, then verify it or write to it."),
        route="operate_participants_one",
        argument="participant",
        icon="person",
        audience=_operator_while_it_waits,
    ),
    News(
        "participant.corrected",
        EXCHANGE,
        Scope.OPERATE,
        Group.SALES,
        _("%(participant)s has corrected its application"),
        _("Look at it as it stands now."),
        route="operate_participants_one",
        argument="participant",
        icon="person",
        audience=_operator_while_it_waits,
    ),
    News(
        "participant.verified",
        "participant",
        Scope.BUY,
        Group.SALES,
        _("%(participant)s is verified"),
        _("The operator has seen where it is established. It may sell and buy from now on."),
        route="organisation",
        icon="check",
        kind="ok",
    ),
    News(
        "participant.suspended",
        "participant",
        Scope.BUY,
        Group.SALES,
        _("%(participant)s is suspended"),
        _("It cannot sell or buy until the operator restores it. What it is a party to stays readable."),
        route="organisation",
        icon="pause",
        kind="stop",
    ),
    News(
        "participant.restored",
        "participant",
        Scope.BUY,
        Group.SALES,
        _("%(participant)s may trade again"),
        _("The operator has lifted the suspension."),
        route="organisation",
        icon="check",
        kind="ok",
    ),
    News(
        "member.joined",
        "participant",
        Scope.MANAGE,
        Group.SECURITY,
        _("A new member of %(participant)s"),
        _("Somebody has accepted an invitation and acts for your organisation from now on."),
        route="organisation_members",
        icon="person",
        tells=Tells.COLLEAGUES,
    ),
    News(
        "member.removed",
        "participant",
        Scope.MANAGE,
        Group.SECURITY,
        _("A member of %(participant)s was removed"),
        _("They no longer act for your organisation."),
        route="organisation_members",
        icon="person",
        tells=Tells.COLLEAGUES,
    ),
    News(
        "member.role_changed",
        "participant",
        Scope.MANAGE,
        Group.SECURITY,
        _("A member of %(participant)s has another role"),
        _("The page of members says who may do what."),
        route="organisation_members",
        icon="person",
        tells=Tells.COLLEAGUES,
    ),
    News(
        "participant.signing_rule_changed",
        "participant",
        Scope.MANAGE,
        Group.SECURITY,
        _("Who signs contracts for %(participant)s has changed"),
        _("The page of members says whether one member signs, or two."),
        route="organisation_members",
        icon="pen",
        kind="warn",
        tells=Tells.COLLEAGUES,
    ),
    News(
        "client.issued",
        "participant",
        Scope.MANAGE,
        Group.SECURITY,
        _("An API client was made for %(participant)s"),
        _(
            "The client %(client)s can act for your organisation. If nobody of yours made it, revoke it at once."
        ),
        route="buy_clients_one",
        argument="client",
        icon="key",
        kind="warn",
        tells=Tells.EVERYONE,
        noun="apiclient",
    ),
    News(
        "client.rotated",
        "participant",
        Scope.MANAGE,
        Group.SECURITY,
        _("An API client of %(participant)s has a new secret"),
        _(
            "The old secret of %(client)s no longer works. If nobody of yours changed it, revoke the client at once."
        ),
        route="buy_clients_one",
        argument="client",
        icon="key",
        kind="warn",
        tells=Tells.EVERYONE,
        noun="apiclient",
    ),
    News(
        "client.revoked",
        "participant",
        Scope.MANAGE,
        Group.SECURITY,
        _("An API client of %(participant)s was revoked"),
        _("%(client)s and all its access tokens no longer work."),
        route="buy_clients_one",
        argument="client",
        icon="key",
        tells=Tells.EVERYONE,
        noun="apiclient",
    ),
    News(
        "webhook.added",
        "participant",
        Scope.MANAGE,
        Group.SECURITY,
        _("A webhook was added for %(participant)s"),
        _(
            "What happens to your organisation is sent to an address. If nobody of yours added it, delete it at once."
        ),
        route="organisation_webhooks_one",
        argument="webhook",
        icon="key",
        kind="warn",
        tells=Tells.EVERYONE,
    ),
    News(
        "webhook.rotated",
        "participant",
        Scope.MANAGE,
        Group.SECURITY,
        _("A webhook of %(participant)s has a new secret"),
        _("The old secret signs for one more day. If nobody of yours changed it, delete the webhook at once."),
        route="organisation_webhooks_one",
        argument="webhook",
        icon="key",
        kind="warn",
        tells=Tells.EVERYONE,
    ),
    News(
        "webhook.disabled",
        "participant",
        Scope.MANAGE,
        Group.SECURITY,
        _("A webhook of %(participant)s was stopped"),
        _("Its address has failed for days. What was not delivered waits until you resume it."),
        route="organisation_webhooks_one",
        argument="webhook",
        icon="pause",
        kind="stop",
        tells=Tells.EVERYONE,
    ),
)
