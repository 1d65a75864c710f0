"""Measures the product as it is served, as ratios to a floor of the same run. Nothing here is part of the product."""
