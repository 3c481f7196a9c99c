"""The templates that a seller keeps of its own: clauses under a name, to begin offers with. An offer copies them, so a
template that is changed or dropped touches nothing that was written or signed."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from contracts.licence_texts import licence_texts
from contracts.models import OwnTemplate
from contracts.terms import terms as usage_terms
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, NotFound
from exchange.kernel.ids import new_id
from exchange.participants.members import members

MOST = 100  # of one seller
LONGEST_NAME = 100


@transaction.atomic
def keep(name: str, terms: object, *, by: Actor) -> OwnTemplate:
    """Keep clauses under a name that the seller has not given yet. The same clauses under the same name are the same
    template."""
    seller_id = _seller(by)
    name, kept = _name(name), _clauses(terms, seller_id)
    rows = OwnTemplate.objects.filter(seller_id=seller_id)
    known = rows.filter(name=name).first()
    if known is not None and known.terms == kept:
        return known
    if rows.count() >= MOST:
        raise Conflict(f"a seller keeps {MOST} templates at most; drop one first", code="too_many_templates")
    template = OwnTemplate(
        id=new_id(), seller_id=seller_id, name=name, terms=kept, kept_at=by.at, changed_at=by.at
    )
    _save(template)
    events.record("template.kept", template, by=by, typed={"name": name})
    return template


@transaction.atomic
def change(template: OwnTemplate, *, name: str | None = None, terms: object = None, by: Actor) -> OwnTemplate:
    """Give a template another name, other clauses, or both."""
    _require_own(template, by)
    if not OwnTemplate.objects.select_for_update().filter(pk=template.pk).exists():
        raise NotFound("there is no such template")
    template.refresh_from_db()
    before = (template.name, template.terms)
    if name is not None:
        template.name = _name(name)
    if terms is not None:
        template.terms = _clauses(terms, template.seller_id)
    if (template.name, template.terms) == before:
        return template
    template.changed_at = by.at
    _save(template)
    events.record("template.changed", template, by=by, typed={"name": template.name})
    return template


@transaction.atomic
def drop(template: OwnTemplate, *, by: Actor) -> None:
    """Forget a template; offers that began with it stay as they are."""
    _require_own(template, by)
    events.record("template.dropped", template, by=by)
    if not OwnTemplate.objects.filter(pk=template.pk).delete()[0]:
        raise NotFound("there is no such template")


def templates_visible_to(actor: Actor) -> QuerySet[OwnTemplate]:
    """The acting seller's own, by name; officers see all."""
    rows = OwnTemplate.objects.order_by("name", "pk")
    if actor.is_system or actor.can(Scope.AUDIT):
        return rows
    if actor.participant_id is None or not actor.can(Scope.READ):
        return rows.none()
    return rows.filter(seller_id=actor.participant_id)


def template_visible_to(actor: Actor, template_id: UUID) -> OwnTemplate:
    found = templates_visible_to(actor).filter(pk=template_id).first()
    if found is None:
        raise NotFound("there is no such template")
    return found


def _seller(by: Actor) -> UUID:
    by.require(Scope.SELL)
    if by.participant_id is None:
        raise Forbidden("only a seller keeps templates of terms")
    members.require_cleared(by.participant_id)
    return by.participant_id


def _require_own(template: OwnTemplate, by: Actor) -> None:
    if _seller(by) != template.seller_id:
        raise Forbidden("only its seller may do this")


def _name(given: str) -> str:
    return text.line(given, name="name", at_most=LONGEST_NAME)


def _clauses(given: object, seller_id: UUID) -> list[dict[str, object]]:
    terms = usage_terms.parse(given)
    licence_texts.require_kept(terms, seller_id=seller_id)
    return terms.to_list()


def _save(template: OwnTemplate) -> None:
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError:
        raise Conflict(
            "there is a template of yours with this name; choose another", code="template_name_taken"
        ) from None
