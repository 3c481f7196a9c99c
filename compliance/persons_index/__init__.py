"""The index of persons: a seller makes it of its own data, with a secret of its own, by the standard library alone. It
imports nothing else of ours, so this folder can be copied to any machine."""
