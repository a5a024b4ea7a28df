"""Which beliefs about the API hold for a key: asked for, judged, recorded."""
