"""Planning, reading and logging tests."""
