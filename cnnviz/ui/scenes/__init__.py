"""From a lesson's settings to what its stage shows: which planes stand where, and which meets which."""
