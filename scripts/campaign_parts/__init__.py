"""The campaign: what is attacked, how, and what must hold after it."""
