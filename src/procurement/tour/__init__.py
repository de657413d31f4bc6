"""`procurement tour`: the main job over HTTP, as different people, each step confirmed by somebody else's reading."""
