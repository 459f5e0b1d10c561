"""What is SQLite's own: connections, faults, forks, migrations of a file, its index of words."""
