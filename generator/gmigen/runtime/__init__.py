"""Submit, wait, upload and download: the hand-written machine in every generated package.

It knows a request by its payload, a journal by its three words and a caller by no word at all: the
client, the request classes and the journals stand beside it, and import from here.
"""
