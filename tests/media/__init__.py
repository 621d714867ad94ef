"""Files with secrets planted in them, in every place of their formats that can hide something."""
