"""What every request passes: hosts, headers, cookies, languages."""
