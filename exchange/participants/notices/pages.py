"""The pages of notices: what happened, newest first, each leading to its page; and which of them come by e-mail."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from exchange.kernel.errors import Invalid, NotFound
from exchange.kernel.pagination import page
from exchange.look.answers import show
from exchange.participants.actors import page_auth
from exchange.participants.actors.page_auth import PageRequest, member_page
from exchange.participants.notices import notices, preferences, queries
from exchange.participants.notices import rows as notice_rows
from exchange.participants.notices.forms import MailForm


@require_safe
@never_cache
@member_page()
def listed(request: PageRequest) -> HttpResponse:
    """The member's notices."""
    found = page(queries.notices_visible_to(request.actor), cursor=request.GET.get("cursor") or None)
    rows = [row for row in notice_rows.rows_of(found.items) if row.news is not None]
    return show(request, "participants/notices.html", {"rows": rows, "page": found})


@require_safe
@never_cache
def opened(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Take note of a notice and go to what it is about; one that came to the person for another organisation asks
    them to act for it first."""
    if not request.user.is_authenticated:
        return page_auth.to_sign_in(request)
    assert isinstance(request.user, User)
    member = queries.membership_with(request.user, notice_id)
    if member is None:
        raise NotFound("there is no such notice for you")
    if not page_auth.acts_as(request, member):
        return redirect(f"{reverse('organisation')}?{urlencode({'next': request.path})}")
    return _go(request, notice_id)


@require_POST
@member_page()
def read_all(request: PageRequest) -> HttpResponse:
    """Take note of all notices up to the newest that the reader was shown."""
    try:
        until = UUID(request.POST.get("until", ""))
    except ValueError:
        raise Invalid("until must be the id of a notice") from None
    notices.read_all(until=until, by=request.actor)
    messages.success(request, _("All notices are marked as read."))
    return redirect("notices")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page()
def mail(request: PageRequest) -> HttpResponse:
    """Choose which notices come by e-mail, and how soon."""
    assert isinstance(request.user, User)
    chosen = preferences.of_user(request.user)
    form = MailForm(
        request.POST if request.method == "POST" else None,
        initial={group: getattr(chosen, group) for group in preferences.CHOOSABLE},
    )
    if form.is_bound and form.is_valid():
        preferences.choose(request.user, form.paces())
        messages.success(request, _("Your choice is kept."))
        return redirect("notices_mail")
    context = {"form": form, "language": preferences.language_of(chosen)}
    return show(request, "participants/notices_mail.html", context, status=422 if form.is_bound else 200)


@member_page()
def _go(request: PageRequest, notice_id: UUID) -> HttpResponse:
    found = queries.notice_visible_to(request.actor, notice_id)
    notices.read(found, by=request.actor)
    return redirect(notice_rows.place_of(found) or "notices")
