"""The verbs of the show, one async function a file; they know ports, never adapters."""
