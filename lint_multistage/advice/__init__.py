"""What to write instead of what a check found, in lines that can be pasted."""
