"""The monitor: follows a log from outside as a stranger does, derives everything anew, and raises an alarm. Standard
library and `cryptography` alone; of the exchange it takes the verifier and nothing else."""
