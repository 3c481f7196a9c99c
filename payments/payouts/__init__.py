"""Money on its way to those who earned it, where it goes, and what is taken back of it."""
