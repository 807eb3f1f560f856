"""All that whence can do, as functions. The faces call nothing else."""
