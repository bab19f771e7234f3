"""No use of youju reaches another machine."""
