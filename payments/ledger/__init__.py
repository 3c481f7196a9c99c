"""Accounts, postings, and what each happening books."""
