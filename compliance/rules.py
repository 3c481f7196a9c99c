"""The version of the rules by which the exchange decides: what clauses mean, which purposes cover others, what a legal
profile says, what contradicts a declaration, and in which order. A decision names it, so that it can be replayed."""

CURRENT = 2
