"""Who acts: people by their sessions, machines by access tokens, and the pages of those machines."""
