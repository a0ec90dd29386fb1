"""A simulated camera that runs CHDK, with a card, a Lua interpreter, and interfaces for clients."""
