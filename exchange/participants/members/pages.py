"""The pages of one's own organisation: applying, correcting what was said, and the people who act for it."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid
from exchange.look import submissions
from exchange.look.answers import show
from exchange.look.refusals import refusal_of
from exchange.participants import queries
from exchange.participants.actors import page_auth
from exchange.participants.actors.page_auth import PageRequest, member_page
from exchange.participants.members import invitation_mail, members
from exchange.participants.members.forms import ApplicationForm, InvitationForm, RoleForm
from exchange.participants.models import Invitation, Member, Participant
from exchange.participants.words import ROLES, Words

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class MemberRow:
    """A member as the page lists them."""

    member: Member
    role: Words
    has_second_factor: bool
    is_reader: bool


@get_or_post
@never_cache
@member_page()
def apply(request: PageRequest) -> HttpResponse:
    """Ask for an organisation to take part; who asks becomes its manager and acts for it from now on."""
    if _has_applied(request):
        return redirect("organisation")
    form = ApplicationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = members.apply(page_auth.person(request), **form.cleaned_data, by=request.actor)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            submissions.keep(request, made.pk)
            page_auth.choose(request, str(made.pk))
            messages.success(
                request, _("The application of %(name)s is with the operator.") % {"name": made.name}
            )
            return redirect("organisation")
    status = 422 if form.is_bound and form.errors else 200
    return show(request, "participants/apply.html", {"form": form}, status=status)


@get_or_post
@never_cache
@member_page(Scope.MANAGE)
def correct(request: PageRequest) -> HttpResponse:
    """Put right what an application says, while it waits."""
    own = _own(request)
    if own.state != Participant.State.APPLIED and request.method != "POST":
        return redirect("organisation")
    fields = ("name", "country", "registration_number", "website", "sector", "vat_id")
    form = ApplicationForm(request.POST or None, initial={name: getattr(own, name) for name in fields})
    if request.method == "POST" and form.is_valid():
        try:
            members.correct(own, **form.cleaned_data, by=request.actor)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The application is corrected. The operator sees it as it stands now."))
            return redirect("organisation")
    status = 422 if form.is_bound and form.errors else 200
    return show(request, "participants/apply.html", {"form": form, "own": own}, status=status)


@require_safe
@never_cache
@member_page(Scope.READ)
def listed(request: PageRequest) -> HttpResponse:
    """Who acts for the organisation, and which invitations wait."""
    return _members(request, None)


@get_or_post
@never_cache
@member_page(Scope.MANAGE)
def invite(request: PageRequest) -> HttpResponse:
    """Invite somebody by e-mail."""
    own = _own(request)
    form = InvitationForm(request.POST or None, participant=own, by=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            made, token = members.invite(own, **form.cleaned_data, by=request.actor)
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal)
        else:
            return _sent(request, made, token)
    status = 422 if form.is_bound and form.errors else 200
    return show(request, "participants/invite.html", {"form": form, "own": own}, status=status)


@require_POST
@member_page(Scope.MANAGE)
def invite_again(request: PageRequest, invitation_id: UUID) -> HttpResponse:
    """Send an invitation anew; the link of the earlier mail closes."""
    earlier = queries.invitation_visible_to(request.actor, invitation_id)
    try:
        made, token = members.invite_again(earlier, by=request.actor)
    except (Conflict, Forbidden) as refusal:
        return _members(request, refusal)
    return _sent(request, made, token)


@require_POST
@member_page(Scope.MANAGE)
def withdraw(request: PageRequest, invitation_id: UUID) -> HttpResponse:
    """Close an invitation that waits."""
    waiting = queries.invitation_visible_to(request.actor, invitation_id)
    try:
        members.withdraw_invitation(waiting, by=request.actor)
    except Conflict as refusal:
        return _members(request, refusal)
    messages.success(request, _("The invitation to %(email)s is withdrawn.") % {"email": waiting.email})
    return redirect("organisation_members")


@get_or_post
@never_cache
@member_page(Scope.MANAGE)
def change_role(request: PageRequest, member_id: UUID) -> HttpResponse:
    """Give a member another role."""
    found = _current(request, member_id)
    form = RoleForm(
        request.POST or None,
        participant=found.participant,
        by=request.actor,
        initial={"role": found.role},
    )
    if request.method == "POST" and form.is_valid():
        try:
            members.change_role(found, role=form.cleaned_data["role"], by=request.actor)
        except (Invalid, Conflict, Forbidden) as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("%(email)s has another role now.") % {"email": found.user.email})
            return redirect("organisation_members")
    context = {"form": form, "member": found, "is_reader": _is_reader(request, found)}
    status = 422 if form.is_bound and form.errors else 200
    return show(request, "participants/role_change.html", context, status=status)


@get_or_post
@never_cache
@member_page(Scope.MANAGE)
def remove(request: PageRequest, member_id: UUID) -> HttpResponse:
    """End a membership, on a page of its own."""
    found = _current(request, member_id)
    if request.method == "POST":
        try:
            members.remove(found, by=request.actor)
        except Conflict as refusal:
            return _members(request, refusal)
        messages.success(
            request, _("%(email)s no longer acts for the organisation.") % {"email": found.user.email}
        )
        return redirect("organisation" if _is_reader(request, found) else "organisation_members")
    context = {"member": found, "is_reader": _is_reader(request, found)}
    return show(request, "participants/member_remove.html", context)


@require_POST
@member_page(Scope.MANAGE)
def signing_rule(request: PageRequest) -> HttpResponse:
    """Have two members sign contracts from now on, or one."""
    own, wanted = _own(request), request.POST.get("wanted") == "yes"
    try:
        members.ask_for_second_member(own, wanted=wanted, by=request.actor)
    except Conflict as refusal:
        return _members(request, refusal)
    said = _("Two members sign every contract from now on.") if wanted else _("One member signs a contract.")
    messages.success(request, said)
    return redirect("organisation_members")


def _members(request: PageRequest, refusal: ExchangeError | None) -> HttpResponse:
    own = _own(request)
    current = list(
        queries.members_visible_to(request.actor, own.pk).filter(removed_at=None).order_by("joined_at")
    )
    secured = queries.with_second_factor(current)
    may_manage = request.actor.can(Scope.MANAGE)
    waiting = list(queries.invitations_visible_to(request.actor)) if may_manage else []
    context = {
        "own": own,
        "refusal": refusal_of(refusal) if refusal else None,
        "rows": [
            MemberRow(one, ROLES[one.role], one.pk in secured, _is_reader(request, one)) for one in current
        ],
        "managers": sum(one.role == Member.Role.MANAGER for one in current),
        "waiting": [(one, ROLES[one.role], one.expires_at <= request.actor.at) for one in waiting],
        "may_manage": may_manage,
    }
    status = 409 if isinstance(refusal, Conflict) else 403 if refusal else 200
    return show(request, "participants/members.html", context, section="organisation_members", status=status)


def _sent(request: PageRequest, made: Invitation, token: str) -> HttpResponse:
    if invitation_mail.send(made, token):
        messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": made.email})
    else:
        words = _(
            "The invitation to %(email)s is kept, but its mail could not be sent. Send it again in a few minutes."
        )
        messages.warning(request, words % {"email": made.email})
    return redirect("organisation_members")


def _has_applied(request: PageRequest) -> bool:
    """Whether this very form has been sent before, and what it made is still there to act for."""
    earlier = submissions.made(request) if request.method == "POST" else ""
    member = page_auth.choose(request, earlier) if earlier else None
    return member is not None and member.participant.state != Participant.State.CLOSED


def _own(request: PageRequest) -> Participant:
    assert request.actor.participant_id is not None
    return queries.own_participant(request.actor, request.actor.participant_id)


def _current(request: PageRequest, member_id: UUID) -> Member:
    """A member of the reader's own organisation, whatever else an officer may see."""
    return queries.current_member(request.actor, member_id)


def _is_reader(request: PageRequest, member: Member) -> bool:
    return member.user_id == page_auth.person(request).pk
