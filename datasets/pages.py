"""The seller's pages of a dataset: describe it, declare what is personal in it, open a revision, publish, retire."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.words import BASES, CLASSES
from datasets import datasets, queries, words
from datasets.declarations import forms as declaration_forms
from datasets.declarations.forms import DeclarationForm
from datasets.descriptions import markup
from datasets.descriptions.forms import DatasetForm, description_of, fingerprint
from datasets.forms import ShownForm
from datasets.models import Dataset
from datasets.progress import checklist, progress
from datasets.revisions import columns, revisions
from datasets.schedules import rows as schedule_rows
from datasets.storage import gives_links
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.pagination import page
from exchange.look import submissions
from exchange.look.answers import show
from exchange.look.names import language_name
from exchange.look.refusals import refusal_of
from exchange.participants.actors.page_auth import PageRequest, member_page


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def new(request: PageRequest) -> HttpResponse:
    """Describe a new dataset; it begins as a draft that nobody else sees."""
    form = DatasetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if draft := _draft_made_before(request):
            messages.info(request, _("This draft is kept already; nothing was made twice."))
            return redirect("sell_datasets_one", draft.pk)
        try:
            made = datasets.create(**form.described(), by=request.actor)
        except (Invalid, Forbidden) as refusal:
            form.refuse(refusal)
        else:
            submissions.keep(request, made.pk)
            messages.success(request, _("The dataset is kept as a draft. Only your organisation sees it."))
            return redirect("sell_datasets_one", made.pk)
    return show(request, "datasets/describe.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@never_cache
@member_page(Scope.READ)
def dataset(request: PageRequest, dataset_id: UUID) -> HttpResponse:
    """One dataset: what is missing, its revisions, its declaration, its description."""
    return _page(request, queries.dataset_visible_to(request.actor, dataset_id))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def describe(request: PageRequest, dataset_id: UUID) -> HttpResponse:
    """Change what is said about a dataset; where somebody else did meanwhile, what was typed stays."""
    found = queries.dataset_visible_to(request.actor, dataset_id)
    if request.method != "POST" and found.state == Dataset.State.RETIRED:
        return redirect("sell_datasets_one", found.pk)
    is_stale = False
    form = DatasetForm(request.POST or None, initial=description_of(found))
    if request.method == "POST" and form.is_valid():
        is_stale = form.cleaned_data["shown"] != fingerprint(found)
        if is_stale:
            form = DatasetForm({**request.POST.dict(), "shown": fingerprint(found)})
        else:
            try:
                datasets.describe(found, by=request.actor, **form.described())
            except Invalid as refusal:
                form.refuse(refusal)
            except Conflict as refusal:
                return _page(request, found, refusal=refusal)
            else:
                messages.success(request, _("The description is changed."))
                return redirect("sell_datasets_one", found.pk)
    status = 409 if is_stale else 422 if form.is_bound and form.errors else 200
    context = {"dataset": found, "form": form, "is_stale": is_stale}
    return show(request, "datasets/describe.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def declare(request: PageRequest, dataset_id: UUID) -> HttpResponse:
    """Say how personal the data is, for the whole and column by column."""
    found = queries.dataset_visible_to(request.actor, dataset_id)
    if request.method != "POST" and found.state == Dataset.State.RETIRED:
        return redirect("sell_datasets_one", found.pk)
    current = queries.current_declaration(found.pk)
    number = str(current.number) if current else "0"
    known = columns.known(queries.current_revision(found.pk))
    form = DeclarationForm(request.POST or None, initial=declaration_forms.initial_of(current))
    typed, is_stale = request.POST.dict(), False
    if request.method == "POST" and form.is_valid():
        is_stale = form.cleaned_data["shown"] != number
        if is_stale:
            again = request.POST.copy()
            again["shown"] = number
            form = DeclarationForm(again)
        else:
            try:
                by_column = declaration_forms.columns_of(typed)
                datasets.declare(found, columns=by_column, **form.declared(), by=request.actor)
            except Invalid as refusal:
                form.refuse(refusal)
            except Conflict as refusal:
                return _page(request, found, refusal=refusal)
            else:
                messages.success(request, _("The declaration is kept. It counts from now on."))
                return redirect("sell_datasets_one", found.pk)
    declared = current.columns if current else {}
    context = {
        "dataset": found,
        "form": form,
        "is_stale": is_stale,
        "rows": declaration_forms.listed_rows(known, declared, typed),
        "more": max(0, len(known) - declaration_forms.MOST_LISTED),
        "empty": declaration_forms.empty_rows(known, declared, typed),
        "classes": declaration_forms.class_choices(),
    }
    status = 409 if is_stale else 422 if form.is_bound and form.errors else 200
    return show(request, "datasets/declare.html", context, status=status)


@require_POST
@never_cache
@member_page(Scope.SELL)
def open_revision(request: PageRequest, dataset_id: UUID) -> HttpResponse:
    """Start the next revision, and go to its files."""
    found = queries.dataset_visible_to(request.actor, dataset_id)
    try:
        opened = revisions.open_revision(found, request.actor)
    except Conflict as refusal:
        return _page(request, found, refusal=refusal)
    return redirect("sell_datasets_revision", opened.pk)


@require_POST
@never_cache
@member_page(Scope.SELL)
def publish(request: PageRequest, dataset_id: UUID) -> HttpResponse:
    """Show a dataset to the exchange, or say what is missing."""
    found = queries.dataset_visible_to(request.actor, dataset_id)
    try:
        datasets.publish(found, request.actor)
    except Conflict as refusal:
        return _page(request, queries.dataset_visible_to(request.actor, dataset_id), refusal=refusal)
    messages.success(request, _("Published. Buyers find it as soon as an offer is on the market."))
    return redirect("sell_datasets_one", found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def retire(request: PageRequest, dataset_id: UUID) -> HttpResponse:
    """Take a published dataset off the exchange for good, on a page of its own."""
    found = queries.dataset_visible_to(request.actor, dataset_id)
    if request.method != "POST" and not found.is_published:
        return redirect("sell_datasets_one", found.pk)
    form = ShownForm(request.POST or None, initial={"shown": found.state})
    if request.method == "POST":
        try:
            datasets.retire(found, request.actor)
        except Conflict as refusal:
            return _page(request, queries.dataset_visible_to(request.actor, dataset_id), refusal=refusal)
        messages.success(request, _("The dataset is retired. Rights that were sold stay."))
        return redirect("sell_datasets_one", found.pk)
    return show(request, "datasets/retire.html", {"dataset": found, "form": form})


@require_POST
@never_cache
@member_page(Scope.SELL)
def redirects(request: PageRequest, dataset_id: UUID) -> HttpResponse:
    """Allow or forbid that downloads are answered by links to storage."""
    found = queries.dataset_visible_to(request.actor, dataset_id)
    try:
        if request.POST.get("allow") == "yes":
            datasets.allow_redirects(found, by=request.actor)
            messages.success(request, _("Downloads may now be answered by short links to storage."))
        else:
            datasets.forbid_redirects(found, by=request.actor)
            messages.success(request, _("The gateway sends every byte itself again."))
    except Conflict as refusal:
        return _page(request, queries.dataset_visible_to(request.actor, dataset_id), refusal=refusal)
    return redirect("sell_datasets_one", found.pk)


def _draft_made_before(request: PageRequest) -> Dataset | None:
    """The draft that this form has made already, where it still is one."""
    row_id = submissions.made(request)
    rows = queries.datasets_visible_to(request.actor).filter(state=Dataset.State.DRAFT)
    return rows.filter(pk=row_id).first() if row_id else None


def _page(request: PageRequest, found: Dataset, *, refusal: Conflict | None = None) -> HttpResponse:
    standing = progress.of_one(found, request.actor)
    steps = checklist.steps(standing)
    rows = page(queries.revisions_visible_to(request.actor, found.pk), cursor=request.GET.get("cursor") or None)
    files = queries.file_counts(revision.pk for revision in rows.items)
    context = {
        "dataset": found,
        "progress": standing,
        "state": words.STATES[found.state],
        "refusal": refusal_of(refusal) if refusal else None,
        "steps": steps,
        "contradictions": checklist.contradictions(standing),
        "done": sum(step.is_done for step in steps),
        "page": rows,
        "revisions": [(row, words.REVISIONS[row.state], files.get(row.pk, 0)) for row in rows.items],
        "personal_data": CLASSES.get(found.personal_data, ""),
        "basis": BASES.get(standing.declaration.legal_basis, "") if standing.declaration else "",
        "theme_words": words.THEMES.get(found.theme, found.theme),
        "language_name": language_name(found.language),
        "frequency": words.FREQUENCIES.get(found.frequency, ""),
        "description_html": markup.render(found.description),
        "schedule": schedule_rows.announced(found, request.actor.at.date()),
        "may_sell": request.actor.can(Scope.SELL) and request.actor.acts_for(found.seller_id),
        "is_retired": found.state == Dataset.State.RETIRED,
        "gives_links": gives_links(),
    }
    return show(request, "datasets/dataset.html", context, status=409 if refusal else 200)
