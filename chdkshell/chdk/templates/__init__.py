"""Names made from templates: substitutions, their formats and variables."""
