"""Pages that are pictures, and pages whose text layer is none: measured, recognized, put in reading order."""
