"""Stage graphs: one module a format."""
