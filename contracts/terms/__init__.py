"""What is permitted: terms read, worded, judged and compared."""
