"""Who received what, from the log alone."""
