"""Where other people's OCDS lies, beside the checkout; tests that need it are skipped where it is not."""

from pathlib import Path

import pytest

OCDS = Path(__file__).parents[1] / "../shared/data/ocds"
SAMPLES = OCDS / "samples"

CPV = Path(__file__).parents[1] / "../shared/data/cpv.csv"

needs_cpv = pytest.mark.skipif(not CPV.exists(), reason="the codes of CPV are not beside this checkout")
needs_samples = pytest.mark.skipif(not OCDS.exists(), reason="the sample data is not beside this checkout")
