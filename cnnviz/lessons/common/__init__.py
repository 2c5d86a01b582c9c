"""What several lessons share: their settings' base, settings along two axes, exercises and their judge, formulas, presets."""
