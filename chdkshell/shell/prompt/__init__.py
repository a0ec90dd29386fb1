"""The prompt of a terminal: editing, completion, colours, and what goes on while it waits."""
