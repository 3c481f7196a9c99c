"""Request -> Actor: an access token first, then a signed-in session with its CSRF check. API, pages and gateway
ask here who acts, and from which network address."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, RawPostDataException
from django.utils import timezone
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from exchange.kernel.actors import Actor, Kind
from exchange.kernel.errors import Forbidden, Invalid, NotAuthenticated
from exchange.kernel.signing import BadToken
from exchange.participants.actors import access_tokens
from exchange.participants.actors.actors import actor_of_client, actor_of_member
from exchange.participants.models import Member, Participant

__all__ = [
    "PARTICIPANT_HEADER",
    "ApiRequest",
    "actor_of_client",
    "actor_of_member",
    "address_of",
    "api_auth",
    "authenticate",
    "has_second_factor",
    "user_of",
]

PARTICIPANT_HEADER = "Comptoir-Participant"
ACTING_FOR = "acting_for"


class ParticipantNotChosen(Invalid):
    """The person belongs to several organisations and has not said for which one they act."""

    default_code = "participant_not_chosen"


class ApiRequest(HttpRequest):
    """A request that was authenticated: `auth` is who acts."""

    auth: Actor


class AccessTokenAuth(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        now = timezone.now()
        try:
            shown = access_tokens.read(token, now=now)
        except BadToken as refusal:
            raise NotAuthenticated(refusal.detail, code=refusal.code) from None
        return actor_of_client(shown.client, now, shown.scopes)


class SessionAuth(APIKeyCookie):
    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Actor | None:
        if not request.user.is_authenticated:
            return None
        with suppress(RawPostDataException):  # of a form that a page has read before
            # Kept before the CSRF check looks into a form, after which nobody could read it any more.
            bytes(request.body)
        if check_csrf(request):
            raise Forbidden("send the CSRF token with a request that a session authorises", code="csrf_failed")
        return self.authenticate(request, None)

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor:
        assert isinstance(request.user, User)
        return actor_under(request, _named_membership(request, request.user))


api_auth = [AccessTokenAuth(), SessionAuth()]


def authenticate(request: HttpRequest) -> Actor | None:
    """Who acts, or None where the request shows nothing; a token or choice that cannot hold is refused."""
    shown: Actor | None = AccessTokenAuth()(request) or SessionAuth()(request)
    return shown


def user_of(request: ApiRequest) -> User:
    """The signed-in person behind a request; what only people do refuses API clients."""
    if request.auth.kind is not Kind.MEMBER or not isinstance(request.user, User):
        raise Forbidden("this is for people who are signed in, not for API clients", code="members_only")
    return request.user


def has_second_factor(request: HttpRequest, user: User) -> bool:
    """Whether this very session was opened with a second factor that the account still has."""
    used = [
        record.get("id") for record in get_authentication_records(request, user) if record["method"] == "mfa"
    ]
    return bool(used) and Authenticator.objects.filter(user=user, pk__in=used).exists()


def address_of(scope_or_request: HttpRequest | Mapping[str, Any]) -> str:
    """The caller's network address: the peer's, or the nearest one in X-Forwarded-For that is no trusted proxy
    of ours, when the peer is one; empty when there is none (a local socket)."""
    if isinstance(scope_or_request, HttpRequest):
        peer = scope_or_request.META.get("REMOTE_ADDR", "")
        forwarded = scope_or_request.META.get("HTTP_X_FORWARDED_FOR", "")
    else:
        peer = (scope_or_request.get("client") or ("",))[0]
        values = [value for name, value in scope_or_request["headers"] if name == b"x-forwarded-for"]
        forwarded = b",".join(values).decode("latin-1")
    return _nearest(peer, forwarded, tuple(settings.EXCHANGE_TRUSTED_PROXIES))


@lru_cache(1_024)
def _nearest(peer: str, forwarded: str, proxies: tuple[str, ...]) -> str:
    nearest = _address(peer)
    for hop in reversed(forwarded.split(",")):
        if nearest is None or not any(nearest in network for network in _networks(proxies)):
            break
        earlier = _address(hop.strip())
        if earlier is None:
            break
        nearest = earlier
    return str(nearest) if nearest else ""


def actor_of_session(request: HttpRequest) -> Actor:
    """The signed-in person behind a page, for the organisation that the session has chosen."""
    assert isinstance(request.user, User)
    return actor_under(request, _chosen_membership(request, request.user))


def memberships_of(user: User) -> list[Member]:
    """The organisations that a person can act for, oldest membership first."""
    memberships = Member.objects.select_related("participant").filter(user=user, removed_at=None)
    return list(memberships.exclude(participant__state=Participant.State.CLOSED).order_by("pk"))


def chosen_of(memberships: Sequence[Member], chosen: str | None) -> Member | None:
    """The membership that a session acts under: the only one, or the one it chose."""
    if len(memberships) == 1:
        return memberships[0]
    return next((member for member in memberships if str(member.participant_id) == chosen), None)


def actor_under(request: HttpRequest, member: Member | None) -> Actor:
    """The signed-in person under one of their memberships, or under none."""
    assert isinstance(request.user, User)
    now = timezone.now()
    if member is None:
        return Actor(Kind.MEMBER, f"user:{request.user.pk}", None, frozenset(), now)
    return actor_of_member(member, now, has_second_factor(request, request.user))


def _named_membership(request: HttpRequest, user: User) -> Member | None:
    named = request.headers.get(PARTICIPANT_HEADER)
    if named is None:
        return _chosen_membership(request, user)
    for member in memberships_of(user):
        if str(member.participant_id) == named.strip().lower():
            return member
    raise Forbidden(f"you are no member of the organisation in {PARTICIPANT_HEADER}", code="not_a_member")


def _chosen_membership(request: HttpRequest, user: User) -> Member | None:
    current = memberships_of(user)
    member = chosen_of(current, request.session.get(ACTING_FOR))
    if member is None and current:
        raise ParticipantNotChosen(
            f"you belong to several organisations: name the one you act for in the header {PARTICIPANT_HEADER}"
        )
    return member


@lru_cache
def _networks(proxies: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(proxy, strict=False) for proxy in proxies)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
