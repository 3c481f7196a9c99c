"""Who owes the deletion of what, from the log alone."""
