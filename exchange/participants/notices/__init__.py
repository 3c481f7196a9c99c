"""What members are told, on a page and by mail, and how each wants to be written to."""
