"""What several lessons share: their settings' base and pairs of axes, exercises and their judge, formulas, presets."""
