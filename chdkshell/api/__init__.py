"""What a `Camera` gives beside its own calls: paths, values by name, frames, running scripts."""
