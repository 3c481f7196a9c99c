"""Secrets of second factors are encrypted at rest."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp

from exchange.participants import vault
from tests import makers


@pytest.mark.usefixtures("db")
def test_a_totp_secret_is_not_in_the_database() -> None:
    person = makers.user()
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(person, secret)
    stored = Authenticator.objects.get(user=person, type="totp").data["secret"]
    assert secret not in stored
    assert vault.unwrap(stored) == secret


@pytest.mark.usefixtures("db")
def test_the_same_secret_never_looks_the_same_twice() -> None:
    assert vault.wrap("JBSWY3DP") != vault.wrap("JBSWY3DP")
