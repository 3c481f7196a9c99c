"""The operator's pages about organisations and people."""
