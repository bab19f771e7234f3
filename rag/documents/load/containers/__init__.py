"""Files that hold files: archives and messages with attachments, each member read by the loader of its ending."""
