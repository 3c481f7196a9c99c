"""The short-lived rights to take bytes, and what they are bound to."""
