"""What is said to the API and what its answers mean: policy, without I/O."""
