"""Organisations, what they say of themselves, and the people who act for them."""
