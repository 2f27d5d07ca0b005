"""Pages of glyphs and boxes, as SVG, PDF and PNG, from the fonts that muse ships: verse, charts and scores."""
