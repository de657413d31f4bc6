"""Awards: decision, reasons to each bidder, standstill, holds."""
