"""What measures and photographs the running app in a real browser."""
