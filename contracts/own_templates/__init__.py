"""Clauses to begin an offer with: the seller's own, and those of known licences."""
