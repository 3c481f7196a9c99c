"""Notices to recipients (Art. 19 GDPR): everybody who received data is told what to do with it, until each has
answered. What others may call stands here."""

from compliance.notices.opening import open_notice
from compliance.notices.settling import is_settled, require_settled

__all__ = ["is_settled", "open_notice", "require_settled"]
