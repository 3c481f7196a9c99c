"""The publish gate: what a declaration contradicts, and what officers decide of it."""
