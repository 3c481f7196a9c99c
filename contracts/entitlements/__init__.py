"""The right that follows: which revisions it reaches, what it allows, how it ends."""
