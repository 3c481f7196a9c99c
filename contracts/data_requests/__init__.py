"""What buyers look for and do not find, and the offers that answer it."""
