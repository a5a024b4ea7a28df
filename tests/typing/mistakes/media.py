"""Things that are no media."""

# pyright: basic

import io
from zipfile import Path as ZipPath

from gmi_inference import Client
from gmi_inference.models import GptImage2EditRequest, Ltx2ProAudioToVideoRequest

Ltx2ProAudioToVideoRequest(audio_uri=7)  # a number
Ltx2ProAudioToVideoRequest(audio_uri=io.StringIO("RIFF"))  # a file opened as text
Ltx2ProAudioToVideoRequest(audio_uri=ZipPath("a.zip", "voice.wav"))  # a file inside another one
Ltx2ProAudioToVideoRequest(audio_uri=["voice.wav"])  # a list where one is wanted
GptImage2EditRequest(prompt="a cat", image=None)  # nothing where something is required
GptImage2EditRequest(prompt="a cat", image={"url": "https://example.com"})  # an object
GptImage2EditRequest(prompt="a cat", image=["a.png", 7])  # a number among pictures
Client().upload()  # no file at all
