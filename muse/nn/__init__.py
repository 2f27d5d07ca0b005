"""Building blocks that know no poem, no note and no picture."""
