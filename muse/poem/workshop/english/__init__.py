"""The workshop for English verse."""
