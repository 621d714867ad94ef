"""What several networks do alike, whichever server they speak to: evidence, uploads, files, access, link cards."""
