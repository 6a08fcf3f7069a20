"""`python -m eitherside` is the command line."""

from .cli import main

main()
