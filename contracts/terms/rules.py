"""The version of the rules, for those who decide by them here; the gates below decide by the same."""

from compliance import rules

CURRENT = rules.CURRENT
