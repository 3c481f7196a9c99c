"""Who holds what, and the buyer's page of it."""
