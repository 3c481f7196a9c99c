"""What an offer may be taken for: choices, prices, and the forms of both."""
