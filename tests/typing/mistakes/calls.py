"""The client called wrongly."""

# pyright: basic

from gmi_inference import AsyncClient, Client, Poll
from gmi_inference.models import Veo3Request

client = Client()
request = Veo3Request(prompt="a boat")

client.submit({"prompt": "a boat"})  # a payload without its model
client.submit(Veo3Request)  # the class instead of a request
client.run(request, timeout="900")  # a text for seconds
client.run(request, 900)  # seconds where a payload stands
client.run(request, on_update=client.close)  # a callback that takes no event
client.map([request], concurrency=None)  # no number
client.job(7)  # a number for an id
client.submit(request).id = 7  # a number for an id, assigned
client.submit(request).result().save()  # nowhere to save to
client.submit(request).result().artifact.widht  # a letter in the wrong place
client.run(request).url.save("boat.mp4")  # a text saves nothing
Client(key="...")  # the name of the argument
Client(poll="fast")  # a word for a pace
Poll(minimum=1.0)  # the name of the argument
list(AsyncClient().job("5a7a").events())  # no `async for`
