"""The door that bytes enter and leave through: wire, tus, what comes in and goes out."""
