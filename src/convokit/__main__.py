"""``python -m convokit``: the `convokit` command."""

from convokit.cli import main

if __name__ == "__main__":
    main()
