"""Suppliers: what an organisation says about itself once, and every bid, notice and contract uses."""
