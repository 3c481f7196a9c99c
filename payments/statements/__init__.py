"""What a party earned in a month, line by line."""
