"""Runs a command on a terminal of its own and answers what it asks.

usage: terminal.py 'question=>answer' ... -- command ...
Prints what the terminal showed and ends with the command's exit code.
"""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

split = sys.argv.index("--")
steps = [step.split("=>", 1) for step in sys.argv[1:split]]
command = sys.argv[split + 1 :]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
seen = b""
deadline = time.time() + 60
while time.time() < deadline:
    ready, _, _ = select.select([terminal], [], [], 0.1)
    if ready:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break
        if not part:
            break
        seen += part
    if steps and steps[0][0].encode() in seen:
        # A person answers after the program has begun to listen.
        time.sleep(0.3)
        os.write(terminal, steps.pop(0)[1].encode().decode("unicode_escape").encode())
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(status))
