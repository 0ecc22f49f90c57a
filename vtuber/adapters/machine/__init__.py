"""What this computer has: memory, graphics memory, disk space and free ports."""
