"""From a pressed key to files: exposure, the task that takes pictures, remote capture."""
