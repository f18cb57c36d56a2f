"""The Teach page: from dropped folders to a model in four steps."""
