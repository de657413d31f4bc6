"""What visitors tell us about these pages: barriers above all. Nobody needs an account to be heard."""
