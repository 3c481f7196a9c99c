"""The thread of a negotiation."""
