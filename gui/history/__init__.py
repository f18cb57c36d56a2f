"""The History page: everything that was answered, and every training."""
