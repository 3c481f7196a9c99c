"""The witness, `comptoir-witness`: cosigns the heads of logs that only grow (C2SP tlog-witness), for whoever runs it.
Standard library, `cryptography` and the verifier only, so that a stranger can run it apart from the exchange."""
