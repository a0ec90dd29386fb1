"""The card's files: listing, selecting, copying both ways, removing."""
