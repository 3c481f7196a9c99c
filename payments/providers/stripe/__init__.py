"""Stripe: separate charges and transfers, with accounts of version 2 for who is paid out to. What Stripe tells is a
hint; what is true is read from its API."""
