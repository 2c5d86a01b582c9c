"""What each lesson on windows can be set to: its settings, what mends them, and what they compute. Knows no screen."""
