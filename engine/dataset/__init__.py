"""Pictures in bulk: labelled folders read, checked, split and relabelled; pictures sorted into folders."""
