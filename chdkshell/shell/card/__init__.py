"""What the commands about files have in common."""
