"""The services that `procurement up` runs on one machine, and the supervisor that keeps them."""
