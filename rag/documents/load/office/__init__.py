"""Files of office programs: text documents and slides, of Microsoft Office, WPS and the OpenDocument standard."""
