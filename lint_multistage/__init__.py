"""A linter for multi-stage Dockerfiles: the image that ships carries only what it needs at run time."""

__version__ = "0.1.0"
