"""What the commands that shoot, and those about DNG files, have in common."""
