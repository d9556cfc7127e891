"""HTML pages: they need no script, no font and no server but this one."""
