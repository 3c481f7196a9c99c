"""How the log fares: what it is compared with, what the monitor sees, and the pages of both."""
