"""Debian's jupyter console, with its Ctrl-C mended. Run by clients/console.test.ts.

The prompt (prompt_toolkit 3.0.36) takes the handler of SIGINT for itself and gives Python's default back, so that
Ctrl-C never reaches any kernel there. Newer ones give back what they found.
"""

import signal

from jupyter_console.app import ZMQTerminalIPythonApp
from jupyter_console.ptshell import ZMQTerminalInteractiveShell

run_cell = ZMQTerminalInteractiveShell.run_cell


def run_cell_with_handler(shell, *args, **options):
    signal.signal(signal.SIGINT, shell.parent.handle_sigint)
    return run_cell(shell, *args, **options)


ZMQTerminalInteractiveShell.run_cell = run_cell_with_handler
ZMQTerminalIPythonApp.launch_instance()
