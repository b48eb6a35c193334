"""`python -m generator` and the console script `gtm`."""

from __future__ import annotations

import atexit
import gc
import os


def main() -> None:
    """Run one command."""
    # A command is short and keeps what it makes: collecting garbage, at exit too, would cost a
    # fifth of `build --no-lint` and free nothing. What runs for long turns it on again.
    gc.disable()
    atexit.register(gc.freeze)
    # Looking for pydantic plugins would read the metadata of every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from generator.cli.app import main as run

    run()


if __name__ == "__main__":
    main()
