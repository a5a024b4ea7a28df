"""Values and remote prose as Python source and as Markdown, and nothing raw."""
