"""What networks are trained on and shown: data sets, drawings, pictures."""
