"""What is taken away once it has had its time, and the legal holds that keep it."""
