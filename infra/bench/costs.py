"""Runs a command and prints what it took. A process of its own, and a small one: Linux counts the memory of whoever
starts a program as the program's. Told: where the command's output goes, then the command."""

import json
import os
import sys
import time


def main(output: str, command: list[str]) -> int:
    """Answers the command's exit code."""
    began = time.perf_counter()
    target = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    to_target = [(os.POSIX_SPAWN_DUP2, target, number) for number in (1, 2)]
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=to_target)
    _, status, used = os.wait4(pid, 0)
    seconds = time.perf_counter() - began
    spent = used.ru_utime + used.ru_stime
    print(json.dumps({"seconds": seconds, "processor": spent, "memory": used.ru_maxrss * 1024}))
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
