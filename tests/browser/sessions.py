"""Sessions without the sign-in pages: for tests of what comes after them."""

import time
from typing import Any

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from exchange.participants.models import Member


def cookie_of(member: Member, second_factor: bool = False) -> dict[str, Any]:
    """The cookie of a session in which this person has signed in, with a second factor where one is asked for."""
    user = member.user
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    now = {"at": time.time(), "reauthenticated": True}
    records: list[dict[str, Any]] = [{"method": "password", "email": user.email, **now}]
    if second_factor:
        found = Authenticator.objects.filter(user=user, type="totp").first()
        key = found or TOTP.activate(user, generate_totp_secret()).instance
        records.append({"method": "mfa", "id": key.pk, "type": "totp", **now})
    session[AUTHENTICATION_METHODS_SESSION_KEY] = records
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(
        user.pk
    )  # allauth believes them of this person alone
    session["acting_for"] = str(member.participant_id)
    session.create()
    return {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key}
