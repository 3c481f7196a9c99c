"""Evidence for others: the proof of one Event, and all that mentions a matter, in one file."""
