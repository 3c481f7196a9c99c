"""The law as dated data: the legal profile in force, and the deadlines that follow from it."""

from compliance.legal import deadlines
from compliance.legal.in_force import current, keep, kept
from compliance.legal.profile import (
    PACKAGED,
    Adequacy,
    Ground,
    LegalProfile,
    Period,
    Safeguard,
    load,
    parse,
)

__all__ = [
    "PACKAGED",
    "Adequacy",
    "Ground",
    "LegalProfile",
    "Period",
    "Safeguard",
    "current",
    "deadlines",
    "keep",
    "kept",
    "load",
    "parse",
]
