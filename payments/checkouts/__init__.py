"""How a charge can be paid now: at once, at a provider's page, by a transfer that people saw."""
