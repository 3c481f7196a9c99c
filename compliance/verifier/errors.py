"""Why something is not proven. Each kind has the exit status that `comptoir-verify` ends with."""


class VerificationError(Exception):
    """What was given is not proven; the message is a sentence for a person."""

    word = "not verified"
    exit_status = 1


class Tampered(VerificationError):
    """What was given contradicts its proof, its signature or its format."""

    word = "tampered"
    exit_status = 1


class Incomplete(VerificationError):
    """Nothing contradicts, but what was given does not suffice for the whole check."""

    word = "incomplete"
    exit_status = 2


class Misuse(VerificationError):
    """The command cannot be run as it was given."""

    word = "usage"
    exit_status = 3
