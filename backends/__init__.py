"""One room per library. Each is found through an entry point of the group ``tensorlayer.backends``."""
