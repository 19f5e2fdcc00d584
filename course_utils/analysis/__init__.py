"""What can be computed from traces and gradients."""
