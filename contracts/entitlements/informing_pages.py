"""The buyer says, before its first download of personal data, how it stands to its duty to inform the persons."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from compliance.reviews.words import EXEMPTIONS
from contracts import queries
from contracts.entitlements import informing
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Invalid, NotFound
from exchange.look.answers import show
from exchange.look.forms import Form
from exchange.participants.actors.page_auth import PageRequest, member_page


class InformingForm(Form):
    """Which exemption of Article 14(5) applies, if one does, and why."""

    exemption = forms.ChoiceField(label=_("Which exemption?"), required=False)
    said = forms.CharField(
        label=_("Why it applies"),
        required=False,
        min_length=10,
        max_length=1_000,
        help_text=_(
            "Only with an exemption: 10 to 1,000 characters. Officers read it, and its hash is in the log."
        ),
        widget=forms.Textarea(attrs={"class": "input", "rows": "3"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["exemption"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("None: we inform the persons")), *EXEMPTIONS.items()]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("exemption") and given.get("said") == "":
            self.add_error("said", self.fields["said"].error_messages["required"])
        return given


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.BUY)
def holding_inform(request: PageRequest, entitlement_id: UUID) -> HttpResponse:
    """What the duty is, and one button that acknowledges it; then the files can be taken."""
    right = queries.entitlement_visible_to(request.actor, entitlement_id)
    if right.buyer_id != request.actor.participant_id:
        raise NotFound("there is no such licence of yours")
    form = InformingForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            informing.say(right, **form.cleaned_data, by=request.actor)
            messages.success(request, gettext("Acknowledged. You may download now."))
            return redirect("holding", entitlement_id)
        except Invalid as refusal:
            form.refuse(refusal, "exemption" if refusal.code == "unknown_exemption" else "said")
    context = {"entitlement": right, "form": form, "now": request.actor.at}
    status = 422 if form.is_bound else 200
    return show(request, "contracts/holding_inform.html", context, section="buy_holdings", status=status)
