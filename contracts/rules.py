"""The version of the rules by which the exchange decides: what the clauses mean, the hierarchy of purposes, and the
order in which an answer looks at them. A decision names it, so that it can be replayed."""

CURRENT = 1
