"""Driver for gRPC, the C core, through grpcio 1.85.3. A request is a call of the method in the URL's path,
with one message and with a stream of messages in answer, so that what comes before an error shows.

Packages:  pip install grpcio==1.85.3
Run:       python grpc_driver.py
"""

import threading
from pathlib import Path
from urllib.parse import urlsplit

import grpc
from protocol import Response, messages, say, unplayable


class Client:
    """The channels to the servers, one each. A local pool, because gRPC shares connections between channels."""

    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0)]

    def __init__(self, ca_file):
        self.credentials = grpc.ssl_channel_credentials(Path(ca_file).read_bytes()) if ca_file else None
        self.channels = {}
        self.calls = {}

    def channel(self, url):
        if url.netloc not in self.channels:
            self.channels[url.netloc] = (
                grpc.secure_channel(url.netloc, self.credentials, self.options)
                if url.scheme == "https"
                else grpc.insecure_channel(url.netloc, self.options)
            )
        return self.channels[url.netloc]

    def play(self, request):
        if request["trailers"] or request["body"]["then"] != "complete":
            return unplayable(request, "a gRPC call has one whole message and no trailers")
        url, response = urlsplit(request["url"]), Response(request)
        metadata = [(name.lower(), value) for name, value in request["headers"]]
        method = self.channel(url).unary_stream(url.path)
        try:
            call = method(request["body"]["text"].encode(), metadata=metadata)
        except ValueError as error:
            return unplayable(request, str(error))
        self.calls[request["id"]] = call
        threading.Thread(target=read, args=(call, response), daemon=True).start()

    def close(self):
        for channel in self.channels.values():
            channel.close()


def read(call, response):
    try:
        for message in call:
            response.data(message)
    except grpc.RpcError:
        response.failed(f"{call.code()}: {call.details()}", grpc_status=call.code().value[0])
    else:
        response.status = 200  # gRPC does not show it
        response.complete([("grpc-status", "0"), *call.trailing_metadata()])


lines = messages()
ca_file = next(lines)["ca_file"]
say(transport=["h2c", "tls"], client=f"grpcio {grpc.__version__}", grpc=True, retries=True, cancels=True)
client = Client(ca_file)
for message in lines:
    if "reset" in message:
        client.close()
        client = Client(ca_file)
    elif "cancel" in message:
        if call := client.calls.get(message["cancel"]):
            call.cancel()
    elif "id" in message:
        client.play(message)
client.close()
