"""The offline verifier, `comptoir-verify`: the checks of the provable log, each written once.
Standard library and `cryptography` only, nothing of the exchange, so that a stranger can run it."""
