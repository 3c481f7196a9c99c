"""An officer's own work: what waits, the front page of the desk, views, digests, and what officers did."""
