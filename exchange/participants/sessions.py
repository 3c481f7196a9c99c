"""The sessions of people who are signed in. A cookie that cannot name one is nobody's, and is never looked up."""

import re
from typing import Any

from django.contrib.sessions.backends import db

_KEY = re.compile(r"[a-z0-9]{8,40}")


class SessionStore(db.SessionStore):
    """Django's own, in the database."""

    def _validate_session_key(self, key: Any) -> bool:
        return isinstance(key, str) and _KEY.fullmatch(key) is not None
