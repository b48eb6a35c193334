"""`python -m generator` and the console script `gtm`."""

from generator.cli.app import main

if __name__ == "__main__":
    main()
