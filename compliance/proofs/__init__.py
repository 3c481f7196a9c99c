"""Receipts and proofs of leaves, and how a page draws them."""
