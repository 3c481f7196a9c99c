"""What providers say: kept once, acted on later, looked for where nobody heard it."""
