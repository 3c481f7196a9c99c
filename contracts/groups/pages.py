"""The seller's pages of groups: all of them, one with its members, and the end of one."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from contracts import queries
from contracts.groups import groups
from contracts.models import Group
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.pagination import page
from exchange.look.answers import show
from exchange.look.forms import Form
from exchange.look.refusals import refusal_of
from exchange.participants.actors.page_auth import PageRequest, member_page


class GroupForm(Form):
    """A group's name."""

    name = forms.CharField(
        label=gettext_lazy("Name of the group"),
        max_length=groups.LONGEST_NAME,
        help_text=gettext_lazy("Only your own organisation reads it, for example: Universities."),
    )


class MemberForm(Form):
    """An organisation to take into a group."""

    participant = forms.ChoiceField(label=gettext_lazy("Organisation"))

    def __init__(self, *args: Any, others: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["participant"].choices = [(str(row_id), name) for row_id, name in others]  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def listed(request: PageRequest) -> HttpResponse:
    """The groups, newest first, and a form for another."""
    form = GroupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = groups.create(form.cleaned_data["name"], by=request.actor)
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal, "name")
        else:
            messages.success(request, _("The group is made. Take in organisations next."))
            return redirect("sell_offers_group", made.pk)
    found = page(groups.groups_visible_to(request.actor), cursor=request.GET.get("cursor") or None)
    rows = [(row, groups.members_of(row)) for row in found.items]
    context = {"page": found, "rows": rows, "form": form}
    return show(request, "contracts/groups.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def group(request: PageRequest, group_id: UUID) -> HttpResponse:
    """One group: its members, who may join, and its name."""
    found = groups.group_visible_to(request.actor, group_id)
    form = GroupForm(request.POST or None, initial={"name": found.name})
    if request.method == "POST" and form.is_valid():
        try:
            groups.rename(found, form.cleaned_data["name"], by=request.actor)
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal, "name")
        else:
            messages.success(request, _("The group has its new name."))
            return redirect("sell_offers_group", group_id)
    return _page(request, group_id, form=form)


@require_POST
@never_cache
@member_page(Scope.SELL)
def admit(request: PageRequest, group_id: UUID) -> HttpResponse:
    """Take in an organisation; the offers of the group exist for it at once."""
    found = groups.group_visible_to(request.actor, group_id)
    member = MemberForm(request.POST, others=_others(request, found))
    if not member.is_valid():
        return _page(request, group_id, member=member)
    try:
        groups.admit(found, UUID(member.cleaned_data["participant"]), by=request.actor)
    except (Conflict, Forbidden) as refusal:
        member.refuse(refusal, "participant")
        return _page(request, group_id, member=member)
    messages.success(request, _("It finds the offers of this group from now on."))
    return redirect("sell_offers_group", group_id)


@require_POST
@never_cache
@member_page(Scope.SELL)
def dismiss(request: PageRequest, group_id: UUID, participant_id: UUID) -> HttpResponse:
    """Take an organisation out; what was signed stands."""
    found = groups.group_visible_to(request.actor, group_id)
    groups.dismiss(found, participant_id, by=request.actor)
    messages.success(request, _("The organisation is out of the group. What was signed stands."))
    return redirect("sell_offers_group", group_id)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def delete(request: PageRequest, group_id: UUID) -> HttpResponse:
    """Drop a group that no offer names, on a page of its own."""
    found = groups.group_visible_to(request.actor, group_id)
    if request.method != "POST":
        context = {"group": found, "members": groups.members_of(found), "form": Form()}
        return show(request, "contracts/group_delete.html", context)
    try:
        groups.delete(found, by=request.actor)
    except Conflict as refusal:
        return _page(request, group_id, refusal=refusal)
    messages.success(request, _("The group is gone."))
    return redirect("sell_offers_groups")


def _others(request: PageRequest, found: Group) -> list[tuple[UUID, str]]:
    inside = {row_id for row_id, _name in groups.members_of(found)}
    return [one for one in queries.possible_buyers(request.actor) if one[0] not in inside]


def _page(
    request: PageRequest,
    group_id: UUID,
    *,
    form: GroupForm | None = None,
    member: MemberForm | None = None,
    refusal: Conflict | None = None,
) -> HttpResponse:
    found = groups.group_visible_to(request.actor, group_id)
    others = _others(request, found)
    bad = any(one is not None and one.errors for one in (form, member))
    context = {
        "group": found,
        "members": groups.members_of(found),
        "offers": groups.offers_of(found),
        "form": form or GroupForm(initial={"name": found.name}),
        "member_form": member or MemberForm(others=others),
        "has_others": bool(others),
        "refusal": refusal_of(refusal) if refusal else None,
    }
    return show(request, "contracts/group.html", context, status=409 if refusal else 422 if bad else 200)
