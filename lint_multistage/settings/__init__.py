"""What the user wants: configuration files and flags become Settings, which codes are on, which files are linted."""
