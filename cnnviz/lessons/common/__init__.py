"""What several lessons share: the base of their settings, settings along two axes, exercises, formulas, presets."""
