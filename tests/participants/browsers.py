"""A person's browser: signs in through the real pages, keeps cookies, sends the CSRF token."""

import base64
import hmac
import struct
import time
from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests import makers


def totp(secret: str) -> str:
    """The code of this moment (RFC 6238), as an authenticator app shows it."""
    key, counter = base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(key, counter, "sha1").digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


class Browser:
    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)

    def sign_in(self, email: str, totp_secret: str = "") -> HttpResponse:
        """Through the sign-in page, and through the one for the second factor where a secret is given."""
        self.client.get("/accounts/login/")
        answer = self.submit("/accounts/login/", login=email, password=makers.PASSWORD)
        if totp_secret:
            assert answer["Location"].startswith("/accounts/2fa/authenticate/")
            answer = self.submit("/accounts/2fa/authenticate/", code=totp(totp_secret))
        return answer

    def submit(self, path: str, **form: str) -> HttpResponse:
        """POST a page's form."""
        return self.client.post(path, form, headers=self._csrf())

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.client.get(path, headers=headers)

    def post(self, path: str, body: Any, *, csrf: bool = True, **headers: str) -> HttpResponse:
        """POST to the API, as a script of ours on a page would."""
        sent = {**(self._csrf() if csrf else {}), **headers}
        return self.client.post(path, body, content_type="application/json", headers=sent)

    def _csrf(self) -> dict[str, str]:
        cookie = self.client.cookies.get("csrftoken")
        return {"X-CSRFToken": cookie.value} if cookie else {}
