"""What members are told of invoices: one that breaks a rule, and a VAT id that the register does not have."""

from django.utils.translation import gettext_lazy as _

from exchange.kernel.actors import Scope
from exchange.participants.news import EXCHANGE, Group, News

TABLE = (
    News(
        "invoice.found_wrong",
        EXCHANGE,
        Scope.OPERATE,
        Group.MONEY,
        _("An invoice breaks a rule of electronic invoices"),
        _("The invoice %(invoice)s names the rules. Correct what its issuer says of itself."),
        route="operate_money",
        icon="file",
        kind="stop",
    ),
    News(
        "vatid.refused",
        "participant",
        Scope.MANAGE,
        Group.MONEY,
        _("The register of VAT ids does not have yours"),
        _("Sales to you from elsewhere in the Union bear VAT until it does. Look at the number that you gave."),
        route="organisation_billing",
        icon="file",
        kind="warn",
    ),
)
