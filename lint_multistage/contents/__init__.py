"""What a stage carries and what it makes."""
