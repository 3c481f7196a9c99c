"""The seller's pages of the templates it keeps: the list, and one of them with its contract, to rename or to drop."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contracts import queries
from contracts.own_templates import own_templates
from contracts.terms import rights
from contracts.terms import terms as usage_terms
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, Invalid
from exchange.kernel.pagination import page
from exchange.look.answers import show
from exchange.look.forms import Form
from exchange.participants.actors.page_auth import PageRequest, member_page


class NameForm(Form):
    """Another name for a template."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=own_templates.LONGEST_NAME)


@require_safe
@never_cache
@member_page(Scope.SELL)
def templates(request: PageRequest) -> HttpResponse:
    """All of them, newest first."""
    rows = own_templates.templates_visible_to(request.actor).filter(seller_id=request.actor.participant_id)
    found = page(rows, cursor=request.GET.get("cursor") or None)
    return show(request, "contracts/templates.html", {"page": found, "rows": found.items})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def template(request: PageRequest, template_id: UUID) -> HttpResponse:
    """What it would write into a contract; a POST gives it another name."""
    found = own_templates.template_visible_to(request.actor, template_id)
    form = NameForm(request.POST or None, initial={"name": found.name})
    if request.method == "POST" and form.is_valid():
        try:
            own_templates.change(found, name=form.cleaned_data["name"], by=request.actor)
        except (Conflict, Invalid) as refusal:
            found.refresh_from_db()
            form.refuse(refusal, "name")
        else:
            messages.success(request, _("The template has its new name."))
            return redirect("sell_offers_template", found.pk)
    terms = usage_terms.thaw(found.terms)
    context = {
        "template": found,
        "form": form,
        "deed": rights.deed_of(terms, names=queries.names_in(terms)),
    }
    return show(request, "contracts/template.html", context, status=422 if form.errors else 200)


@require_POST
@never_cache
@member_page(Scope.SELL)
def drop(request: PageRequest, template_id: UUID) -> HttpResponse:
    """Forget it; offers that began with it stay as they are."""
    own_templates.drop(own_templates.template_visible_to(request.actor, template_id), by=request.actor)
    messages.success(request, _("The template is dropped. What was written with it stays as it is."))
    return redirect("sell_offers_templates")
