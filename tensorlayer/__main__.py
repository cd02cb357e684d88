"""`python -m tensorlayer` is the command `tensorlayer`."""

from tensorlayer.cli import main

if __name__ == "__main__":
    main()
