"""What brings the app to a host."""
