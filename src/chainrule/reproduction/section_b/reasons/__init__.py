"""The reasons that the report gives in section B, theme by theme."""
