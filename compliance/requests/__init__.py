"""Requests of persons: from their intake, by a public form or by hand, to the answer that names who received what."""
