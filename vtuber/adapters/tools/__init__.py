"""What she can look up or work out: one file per tool."""
