"""The command line: `main` runs one command and returns its exit code; nothing heavy is loaded before it is needed.

Exit codes: 0 done, 1 failed, 2 usage, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `muse …` and return its exit code.

    Standard output is the product; notes, progress and errors go to standard error.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    from muse.cli import say
    from muse.cli.app import application

    say.open_streams()
    try:
        first = next((word for word in words if not word.startswith("-")), "")
        code = application(first)(words, prog_name="muse", standalone_mode=False)
    except KeyboardInterrupt:
        return say.interrupted()
    except Exception as error:
        return say.failed(error, verbose="--verbose" in words)
    if code == 130:
        return say.interrupted()
    return code if isinstance(code, int) else 0
