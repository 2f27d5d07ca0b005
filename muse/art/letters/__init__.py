"""Words on a cover: faces, layouts, contrast."""
