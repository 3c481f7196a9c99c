"""The seller's own documents for contracts, and each of them for whoever may read it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from contracts.licence_texts import licence_texts
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, Invalid
from exchange.kernel.pagination import page
from exchange.look.answers import as_file, show
from exchange.look.forms import Form
from exchange.participants.actors.page_auth import PageRequest, member_page


class DocumentForm(Form):
    """A PDF and its title."""

    title = forms.CharField(
        label=gettext_lazy("Title"), max_length=200, help_text=gettext_lazy("As contracts will name it.")
    )
    document = forms.FileField(
        label=gettext_lazy("PDF"),
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
        help_text=gettext_lazy("At most 5 MiB. It can be neither changed nor removed: contracts rest on it."),
    )

    def clean_document(self) -> UploadedFile[bytes]:
        """The file, where it is not too large to be looked at."""
        given: UploadedFile[bytes] = self.cleaned_data["document"]
        if (given.size or 0) > licence_texts.LARGEST_BYTES:
            raise forms.ValidationError(_("The document has more than 5 MiB."))
        return given


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def documents(request: PageRequest) -> HttpResponse:
    """All of them, newest first, and a form for another."""
    form = DocumentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = form.cleaned_data
        try:
            licence_texts.keep(given["document"].read(), title=given["title"], by=request.actor)
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal, "document" if "licence_text" in refusal.code else None)
        else:
            messages.success(
                request, _("The document is kept. Offers can make it part of their contracts now.")
            )
            return redirect("sell_offers_documents")
    rows = licence_texts.licence_texts_visible_to(request.actor).filter(seller_id=request.actor.participant_id)
    found = page(rows, cursor=request.GET.get("cursor") or None)
    context = {"page": found, "rows": found.items, "form": form}
    return show(request, "contracts/documents.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
@member_page(Scope.READ)
def licence_text(request: PageRequest, licence_text_id: UUID) -> HttpResponse:
    """The document as it was kept, to be saved and opened elsewhere."""
    found = licence_texts.licence_text_visible_to(request.actor, licence_text_id)
    return as_file(bytes(found.content), name=f"{found.sha256[:16]}.pdf", media_type="application/octet-stream")
