"""What is kept: users, practice sessions and readings, in SQLite or PostgreSQL."""
