"""A participant's addresses to which its Events are sent, and the messages to them."""
