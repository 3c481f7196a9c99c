"""The seller's pages of a revision: its files and how they come, sealing, what was measured, revoking. Bytes enter
by the gateway alone; these pages give the link."""

import json
import shlex
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from datasets import contents, queries, words
from datasets.models import Asset, Revision
from datasets.progress import checklist, progress
from datasets.refusals import SENTENCES
from datasets.revisions import assets, columns, differences, revisions
from datasets.revisions.forms import FileForm, RevokeForm, SealForm
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, ExchangeError, Invalid, NotFound
from exchange.look.answers import show
from exchange.look.formats import is_french
from exchange.look.refusals import refusal_of
from exchange.participants.actors.page_auth import PageRequest, member_page


@require_safe
@never_cache
@member_page(Scope.READ)
def revision(request: PageRequest, revision_id: UUID) -> HttpResponse:
    """The files of a revision, and what was measured once it is sealed."""
    return _page(request, queries.revision_visible_to(request.actor, revision_id))


@require_safe
@never_cache
@member_page(Scope.READ)
def measured(request: PageRequest, revision_id: UUID) -> HttpResponse:
    """For htmx: nothing new while the revision is being measured, then the whole page anew."""
    found = queries.revision_visible_to(request.actor, revision_id)
    if found.measured_at is None and found.is_sealed:
        return HttpResponse(status=204)
    return HttpResponse(headers={"HX-Refresh": "true"})


@require_POST
@never_cache
@member_page(Scope.SELL)
def announce(request: PageRequest, revision_id: UUID) -> HttpResponse:
    """Announce a file: a script is answered its upload link, a form is led to the page that shows it."""
    found = queries.revision_visible_to(request.actor, revision_id)
    form = FileForm(request.POST)
    if _wants_json(request):
        name = request.POST.get("name", "")
        kind = request.POST.get("media_type") or contents.media_type_of(name)
        return _ways(request, assets.announce(found, name=name, media_type=kind, by=request.actor))
    if form.is_valid():
        name = form.cleaned_data["name"]
        kind = form.cleaned_data["media_type"] or contents.media_type_of(name)
        try:
            asset = assets.announce(found, name=name, media_type=kind, by=request.actor)
        except (Conflict, Invalid) as refusal:
            form.refuse(refusal)
        else:
            return redirect("sell_datasets_file", asset.pk)
    return _page(request, found, form=form)


@require_safe
@never_cache
@member_page(Scope.SELL)
def file(request: PageRequest, asset_id: UUID) -> HttpResponse:
    """A fresh upload link for a file that has not come, and how a program sends it."""
    asset = _asset(request, asset_id)
    if asset is None:
        return _gone(request)
    try:
        if _wants_json(request):
            return _ways(request, asset)
        token, until = assets.upload_token(asset, by=request.actor)
    except Conflict as refusal:
        if _wants_json(request):
            raise
        return _page(request, asset.revision, refusal=refusal)
    url = f"{settings.EXCHANGE_URL}/u/{token}"
    context = {"asset": asset, "revision": asset.revision, "dataset": asset.revision.dataset, "until": until}
    return show(request, "datasets/file.html", context | {"url": url, "command": _command(asset, url)})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def remove(request: PageRequest, asset_id: UUID) -> HttpResponse:
    """Take a file out of an open revision; one whose bytes are here is asked about first."""
    asset = _asset(request, asset_id)
    if asset is None:
        return _gone(request)
    back = redirect("sell_datasets_revision", asset.revision_id)
    is_open = asset.revision.state == Revision.State.OPEN
    if request.method != "POST":
        context = {"asset": asset, "revision": asset.revision, "dataset": asset.revision.dataset}
        return show(request, "datasets/remove.html", context) if is_open else back
    try:
        assets.remove(asset, request.actor)
    except Conflict as refusal:
        if _wants_json(request):
            raise
        return _page(request, queries.revision_visible_to(request.actor, asset.revision_id), refusal=refusal)
    if _wants_json(request):
        return HttpResponse(status=204)
    messages.success(request, _("“%(name)s” is removed.") % {"name": asset.name})
    return back


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def seal(request: PageRequest, revision_id: UUID) -> HttpResponse:
    """Close a revision for good under its digest, on a page of its own; a phrase confirms it."""
    found = queries.revision_visible_to(request.actor, revision_id)
    files = queries.assets_of(found)
    if request.method != "POST" and (found.state != Revision.State.OPEN or not _is_complete(files)):
        return redirect("sell_datasets_revision", found.pk)
    shown = revisions.fingerprint(files)
    form = SealForm(request.POST or None, initial={"shown": shown}, number=found.number)
    if request.method == "POST" and (form.is_valid() or found.state != Revision.State.OPEN):
        try:
            revisions.seal(found, request.actor, shown=form.cleaned_data.get("shown"))
        except Conflict as refusal:
            return _page(request, queries.revision_visible_to(request.actor, revision_id), refusal=refusal)
        messages.success(request, _("Sealed. The exchange is measuring the revision now."))
        return redirect("sell_datasets_revision", found.pk)
    context = {
        "revision": found,
        "dataset": found.dataset,
        "files": files,
        "bytes": sum(asset.size_bytes or 0 for asset in files),
        "form": form,
    }
    return show(request, "datasets/seal.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def revoke(request: PageRequest, revision_id: UUID) -> HttpResponse:
    """Take a sealed revision out of use, with a reason, on a page of its own."""
    found = queries.revision_visible_to(request.actor, revision_id)
    if request.method != "POST" and not found.is_sealed:
        return redirect("sell_datasets_revision", found.pk)
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and (form.is_valid() or not found.is_sealed):
        try:
            if not found.is_sealed:
                raise Conflict("this revision is not in use", code="wrong_state")
            revisions.revoke(found, form.cleaned_data["reason"], request.actor)
        except Invalid as refusal:
            form.refuse(refusal, "reason")
        except Conflict as refusal:
            return _page(request, queries.revision_visible_to(request.actor, revision_id), refusal=refusal)
        else:
            messages.success(request, _("The revision is revoked. Nobody can download it any more."))
            return redirect("sell_datasets_revision", found.pk)
    context = {"revision": found, "dataset": found.dataset, "form": form}
    return show(request, "datasets/revoke.html", context, status=422 if form.is_bound else 200)


def _asset(request: PageRequest, asset_id: UUID) -> Asset | None:
    """A file, or None where the link names its revision and the file is there no more."""
    try:
        return queries.asset_visible_to(request.actor, asset_id)
    except NotFound:
        if "revision" not in request.GET or _wants_json(request):
            raise
        return None


def _gone(request: PageRequest) -> HttpResponse:
    """Back to the revision that the link names, where the actor may see it."""
    try:
        named = UUID(request.GET["revision"])
    except ValueError:
        raise NotFound("there is no revision with this id for you") from None
    found = queries.revision_visible_to(request.actor, named)
    messages.info(request, _("This file has been removed already."))
    return redirect("sell_datasets_revision", found.pk)


def _page(
    request: PageRequest, found: Revision, *, refusal: ExchangeError | None = None, form: FileForm | None = None
) -> HttpResponse:
    standing = progress.of_one(found.dataset, request.actor)
    files = columns.files_of(queries.assets_of(found), queries.current_declaration(found.dataset_id))
    here = [line.asset for line in files if line.asset.is_received]
    before = queries.revision_before(found) if found.measured_at else None
    steps = checklist.steps(standing)
    context = {
        "revision": found,
        "dataset": found.dataset,
        "state": words.REVISIONS[found.state],
        "refusal": refusal_of(refusal) if refusal else None,
        "form": form or FileForm(),
        "files": files,
        "here": len(here),
        "bytes": sum(asset.size_bytes or 0 for asset in here),
        "is_open": found.state == Revision.State.OPEN,
        "is_complete": _is_complete([line.asset for line in files]),
        "is_waiting": found.is_sealed and found.measured_at is None,
        "is_current": standing.current is not None and standing.current.pk == found.pk,
        "before": before,
        "differences": differences.against(before, [line.asset for line in files]) if before else [],
        "progress": standing,
        "steps": steps,
        "contradictions": checklist.contradictions(standing),
        "done": sum(step.is_done for step in steps),
        "may_sell": request.actor.can(Scope.SELL) and request.actor.acts_for(found.dataset.seller_id),
        "refusals": json.dumps({code: str(said) for code, said in SENTENCES.items()} if is_french() else {}),
        "largest": settings.EXCHANGE_UPLOAD_LARGEST_BYTES,
        "kept_days": settings.EXCHANGE_UPLOAD_DAYS,
    }
    status = 409 if refusal else 422 if form is not None else 200
    return show(request, "datasets/revision.html", context, section="sell_datasets", status=status)


def _ways(request: PageRequest, asset: Asset) -> HttpResponse:
    """Where a script of ours finds what it may do with a file; the upload link is of this site."""
    token, until = assets.upload_token(asset, by=request.actor)
    return JsonResponse(
        {
            "id": str(asset.pk),
            "name": asset.name,
            "upload_url": f"/u/{token}",
            "expires_at": until.isoformat(),
        }
    )


def _command(asset: Asset, url: str) -> str:
    return f"curl -f -T {shlex.quote(asset.name)} {shlex.quote(url)}"


def _is_complete(files: list[Asset]) -> bool:
    return bool(files) and all(asset.is_received for asset in files)


def _wants_json(request: PageRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"
