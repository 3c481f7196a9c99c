"""Where data went, counted by month and country, and the map of it."""
