"""What a bidder's own program needs: sealing on one's own machine. It knows only the kernel."""
