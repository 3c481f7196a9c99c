"""Offers, the terms builder, and for whom an offer exists."""
