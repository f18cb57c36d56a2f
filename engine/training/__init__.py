"""Teaching: plan a training, follow it in a process of its own, and judge what came out."""
