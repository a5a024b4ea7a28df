"""The snapshot for other languages and tools: JSON Schema and OpenAPI, as JSON and nothing else."""
