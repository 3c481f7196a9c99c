"""What is charged over time: periods, use, parts; and what of it is late."""
