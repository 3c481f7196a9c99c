"""The seller's page of who earns what part of a dataset: the parts of others are written down, the rest is its own, and
it counts once everybody has accepted."""

from collections.abc import Mapping
from decimal import Decimal
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
from datasets import queries as datasets
from datasets.models import Dataset
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid, NotFound
from exchange.kernel.problems import status_of
from exchange.look.amounts import Amount
from exchange.look.answers import show
from exchange.look.forms import Form
from exchange.look.refusals import refusal_of
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments.models import Split
from payments.payouts import words as payout_words
from payments.shares import shares

OTHERS = 5
"""How many others a form takes; the API takes more."""
_WHOLE = 10_000


class SharesForm(Form):
    """What others earn, in hundredths of a per cent at the finest; the rest is the seller's."""

    def __init__(self, *args: Any, others: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(str(row_id), name) for row_id, name in others]
        fields: dict[str, forms.Field] = {}
        for place in range(1, OTHERS + 1):
            fields[f"party_{place}"] = forms.ChoiceField(
                label=gettext_lazy("Organisation"),
                choices=named if place == 1 else [("", gettext_lazy("Nobody")), *named],
                required=False,
            )
            fields[f"part_{place}"] = Amount(
                label=gettext_lazy("Its part, in per cent"),
                required=False,
                min_value=Decimal("0.01"),
                max_value=Decimal(100),
                max_digits=5,
                decimal_places=2,
            )
        for field in fields.values():  # a row is filled in or left out
            field.is_conditional = True  # type: ignore[attr-defined]
        self.add_fields(fields)

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        """The fields of each row."""
        return [(self[f"party_{place}"], self[f"part_{place}"]) for place in range(1, OTHERS + 1)]

    def parts(self, owner: UUID) -> Mapping[UUID, int]:
        """Basis points by party, with the rest for the owner; Invalid where a row is half filled or named twice. The
        first row, which is never empty, counts with a part alone."""
        found: dict[UUID, int] = {}
        for place in range(1, OTHERS + 1):
            party, part = self.cleaned_data[f"party_{place}"], self.cleaned_data[f"part_{place}"]
            if place == 1 and part is None:
                continue
            if bool(party) != (part is not None) or (party and UUID(party) in found):
                raise Invalid("name each organisation once, with its part", code="shares_do_not_add_up")
            if party:
                found[UUID(party)] = int(part * 100)
        rest = _WHOLE - sum(found.values())
        return found | {owner: rest} if rest else found


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def listed(request: PageRequest, dataset_id: UUID) -> HttpResponse:
    """Who earns what part, what is proposed, and a form that proposes it."""
    dataset = _own(request, dataset_id)
    form = SharesForm(request.POST or None, others=queries.possible_buyers(request.actor))
    if request.method == "POST" and form.is_valid():
        try:
            made = shares.propose(
                _subject(dataset),
                owner=dataset.seller,
                basis_points=form.parts(dataset.seller_id),
                by=request.actor,
            )
        except Invalid as refusal:
            form.refuse(refusal)
        except (Conflict, Forbidden) as refusal:
            return _page(request, dataset, form, refusal)
        else:
            is_in_force = made.state == Split.State.IN_FORCE
            messages.success(
                request,
                _("All of it is yours from now on.") if is_in_force else _("Everybody is asked to accept it."),
            )
            return redirect("sell_datasets_shares", dataset_id)
    return _page(request, dataset, form)


@require_POST
@never_cache
@member_page(Scope.SELL)
def withdraw(request: PageRequest, dataset_id: UUID) -> HttpResponse:
    """Take the proposal back that waits."""
    dataset = _own(request, dataset_id)
    waiting = _versions(request, dataset).filter(state=Split.State.PROPOSED).first()
    if waiting is not None:
        try:
            shares.withdraw(waiting, by=request.actor)
        except Conflict as refusal:
            form = SharesForm(None, others=queries.possible_buyers(request.actor))
            return _page(request, dataset, form, refusal)
        messages.success(request, _("The proposal is taken back. What was agreed before goes on."))
    return redirect("sell_datasets_shares", dataset_id)


def _page(
    request: PageRequest, dataset: Dataset, form: SharesForm, refusal: ExchangeError | None = None
) -> HttpResponse:
    versions = list(_versions(request, dataset)[:20])
    context = {
        "dataset": dataset,
        "form": form,
        "versions": [(one, payout_words.SPLITS[one.state], _rows(one)) for one in versions],
        "waits": any(one.state == Split.State.PROPOSED for one in versions),
        "is_shared": any(one.state == Split.State.IN_FORCE for one in versions),
        "refusal": refusal_of(refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else (422 if form.errors else 200)
    return show(request, "contracts/shares.html", context, section="sell_datasets", status=status)


def _rows(split: Split) -> list[tuple[Any, float]]:
    rows = sorted(split.shares.all(), key=lambda row: (-row.basis_points, row.party.name))
    return [(row, row.basis_points / _WHOLE) for row in rows]


def _versions(request: PageRequest, dataset: Dataset) -> Any:
    return shares.splits_visible_to(request.actor).filter(subject=_subject(dataset))


def _subject(dataset: Dataset) -> str:
    return f"dataset:{dataset.pk}"


def _own(request: PageRequest, dataset_id: UUID) -> Dataset:
    found = datasets.dataset_visible_to(request.actor, dataset_id)
    if not request.actor.acts_for(found.seller_id):
        raise NotFound("there is no such dataset of yours")
    return found
