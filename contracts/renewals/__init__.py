"""Contracts that follow others: renewals and amendments."""
