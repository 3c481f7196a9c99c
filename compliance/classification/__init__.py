"""What personal data is in these columns: told by headers and by values, which are forgotten."""
