"""What the Events of each room are called on a page."""
