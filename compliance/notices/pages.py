"""Notices to recipients as pages: the officers' board, the recipient's own to answer, and the seller's view."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from compliance import desk
from compliance.models import NoticeRow, RecipientNotice
from compliance.notices import answers, by_hand, papers, queries, rows, statements, words
from compliance.notices.forms import ActForm, AnswerForm
from compliance.notices.rows import Shown
from exchange.kernel import pagination
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Invalid
from exchange.look.answers import as_file, show
from exchange.look.refusals import refusal_of
from exchange.participants.actors.page_auth import PageRequest, member_page

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
_SHOWN: tuple[str, ...] = ("open", "settled", "")
_ROW_FILTERS = ("", "open", *NoticeRow.State.values)


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_notices(request: PageRequest) -> HttpResponse:
    """All notices, newest first: which are open, and how far their recipients are."""
    return _list(request, "compliance/notices/board.html", default="open")


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_notices_one(request: PageRequest, notice_id: UUID) -> HttpResponse:
    """One notice: a row for each recipient, by state."""
    found = queries.notice_visible_to(request.actor, notice_id)
    desk.note("officer.viewed", request.actor, {"what": "notice", "notice": str(notice_id)})
    return _one(request, found, "desk_notices")


@get_or_post
@never_cache
@member_page(Scope.AUDIT)
def desk_notices_row(request: PageRequest, row_id: UUID) -> HttpResponse:
    """One recipient of a notice: what it was told and said; a POST does one of the officer's acts."""
    found = queries.row_visible_to(request.actor, row_id)
    form, refusal = ActForm(request.POST if request.method == "POST" else None), None
    if form.is_bound and form.is_valid():
        try:
            messages.success(request, _act(found, form, by=request.actor))
            return redirect("desk_notices_row", row_id)
        except Invalid as error:
            form.refuse(error, "words")
        except Conflict as error:
            refusal = refusal_of(error)
    [shown] = rows.notices([found.notice], by=request.actor)
    [row] = rows.rows([found])
    context = {"shown": shown, "row": row, "form": form, "refusal": refusal, "now": request.actor.at}
    status = 409 if refusal else 422 if form.is_bound else 200
    return show(request, "compliance/notices/row.html", context, section="desk_notices", status=status)


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_notices_statement(request: PageRequest, notice_id: UUID, form: str) -> HttpResponse:
    """What was done on a notice so far, sealed: for programs, or on paper with the sealed file in it."""
    found = queries.notice_visible_to(request.actor, notice_id)
    if form not in ("json", "pdf"):
        raise Http404
    name = f"notice-{notice_id}.{form}"
    stated = statements.state(found, by=request.actor)
    if form == "pdf":
        data = papers.pdf(found, stated, at=request.actor.at)
        return as_file(data, name=name, media_type="application/pdf")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return JsonResponse(stated, headers=headers, json_dumps_params={"ensure_ascii": False, "indent": 1})


@require_safe
@never_cache
@member_page(Scope.READ)
def sell_notices(request: PageRequest) -> HttpResponse:
    """The notices about the seller's own data."""
    return _list(request, "compliance/notices/board.html", default="")


@require_safe
@never_cache
@member_page(Scope.READ)
def sell_notices_one(request: PageRequest, notice_id: UUID) -> HttpResponse:
    """How far the recipients of the seller's data are."""
    return _one(request, queries.notice_visible_to(request.actor, notice_id), "sell_notices")


@require_safe
@never_cache
@member_page(Scope.READ)
def buy_notices(request: PageRequest) -> HttpResponse:
    """What the organisation was told about data that it received: what waits for an answer first asked."""
    only_open = request.GET.get("which") != "all"
    found = queries.to_answer_visible_to(request.actor)
    if only_open:
        found = found.filter(state__in=NoticeRow.OPEN)
    cursor = request.GET.get("cursor") or None
    page = pagination.page(found, cursor=cursor)
    context = {
        "rows": _to_answer(page.items, by=request.actor),
        "page": page,
        "only_open": only_open,
        "is_first": cursor is None,
        "now": request.actor.at,
    }
    return show(request, "compliance/notices/to_answer.html", context, section="buy_notices")


@get_or_post
@never_cache
@member_page(Scope.READ)
def buy_notices_one(request: PageRequest, row_id: UUID) -> HttpResponse:
    """One notice: what to do, by when, and one button to say what was done. To open it is to have read it."""
    found = queries.one_to_answer_visible_to(request.actor, row_id)
    form = AnswerForm(
        request.POST if request.method == "POST" else None, actions=rows.choices(found.notice.kind)
    )
    refusal = None
    if form.is_bound and form.is_valid():
        try:
            answers.answer(found, **form.cleaned_data, by=request.actor)
            messages.success(request, _("Recorded. The seller and the officers of the exchange see it."))
            return redirect("buy_notices_one", row_id)
        except Invalid as error:
            form.refuse(error, "remark" if error.code == "invalid" else "action")
        except Conflict as error:
            refusal = refusal_of(error)
    elif not form.is_bound:
        answers.read(found, by=request.actor)
    [shown] = _to_answer([found], by=request.actor)
    context = {
        "row": shown[1],
        "shown": shown[0],
        "task": words.TASKS[found.notice.kind],
        "form": form,
        "refusal": refusal,
        "may_answer": request.actor.can(Scope.BUY) and found.state != NoticeRow.State.IMPOSSIBLE,
        "now": request.actor.at,
    }
    status = 409 if refusal else 422 if form.is_bound else 200
    return show(request, "compliance/notices/answer.html", context, section="buy_notices", status=status)


def _to_answer(found: list[NoticeRow], *, by: Actor) -> list[tuple[Shown, rows.ShownRow]]:
    notices = {one.notice.pk: one for one in rows.notices([row.notice for row in found], by=by)}
    return [(notices[one.row.notice_id], one) for one in rows.rows(found)]


def _list(request: PageRequest, template: str, *, default: str) -> HttpResponse:
    state = request.GET.get("state", default)
    if state not in _SHOWN:
        raise Http404
    found = queries.notices_visible_to(request.actor)
    if state:
        found = found.filter(state=RecipientNotice.State(state))
    cursor = request.GET.get("cursor") or None
    page = pagination.page(found, cursor=cursor)
    is_desk = default == "open"
    context = {
        "page": page,
        "rows": rows.notices(page.items, by=request.actor),
        "state": state,
        "states": [("open", _("Open")), ("settled", _("Settled")), ("", _("All"))],
        "is_desk": is_desk,
        "one": "desk_notices_one" if is_desk else "sell_notices_one",
        "is_first": cursor is None,
    }
    return show(request, template, context, section="desk_notices" if is_desk else "sell_notices")


def _one(request: PageRequest, found: RecipientNotice, section: str) -> HttpResponse:
    state = request.GET.get("state", "")
    if state not in _ROW_FILTERS:
        raise Http404
    wanted = queries.rows_visible_to(request.actor, found)
    if state:
        wanted = wanted.filter(state__in=NoticeRow.OPEN if state == "open" else [state])
    cursor = request.GET.get("cursor") or None
    page = pagination.page(wanted, cursor=cursor, limit=25)
    [shown] = rows.notices([found], by=request.actor)
    context: dict[str, Any] = {
        "shown": shown,
        "rows": rows.rows(page.items),
        "page": page,
        "state": state,
        "states": [
            ("", _("All")),
            ("open", _("Open")),
            *((one, words.STATES[one].words) for one in NoticeRow.State.values if shown.tally.states.get(one)),
        ],
        "is_desk": section == "desk_notices",
        "is_first": cursor is None,
        "may_state": shown.tally.rows <= statements.MOST,
        "now": request.actor.at,
    }
    return show(request, "compliance/notices/one.html", context, section=section)


def _act(row: NoticeRow, form: ActForm, *, by: Actor) -> str:
    """Carry out the officer's act; answers what to say of it."""
    said, act = form.cleaned_data["words"], form.cleaned_data["act"]
    if act == "deliver":
        by_hand.deliver(row, said, by=by)
        return _("Noted as delivered. Its time to answer begins now.")
    if act == "return":
        by_hand.note_return(row, said, by=by)
        return _("Noted. Find another way to this recipient.")
    if act == "chase":
        by_hand.chase(row, by=by)
        return _("Reminded.")
    if act == "escalate":
        by_hand.escalate(row, by=by)
        return _("Its rights to this dataset are suspended until it answers.")
    by_hand.excuse(row, said, by=by)
    return _("Closed. Its reason is kept.")
