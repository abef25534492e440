"""What the Python drivers share: the lines in and out, and what the application got of a response."""

import hashlib
import json
import sys
import threading
import traceback

one_line_at_a_time = threading.Lock()


def messages():
    """The suite's messages. They end when standard input does."""
    return map(json.loads, sys.stdin)


def say(**message):
    with one_line_at_a_time:
        print(json.dumps(message), flush=True)


def unplayable(request, why):
    say(id=request["id"], unplayable=why)


class Response:
    """The response to one request, as the application gets it piece by piece."""

    def __init__(self, request):
        self.id = request["id"]
        self.status = None
        self.size = 0
        self.digest = hashlib.sha256()

    def head(self, status, headers):
        self.status = status
        say(id=self.id, event="head", status=status, headers=text_pairs(headers))

    def data(self, chunk):
        self.size += len(chunk)
        self.digest.update(chunk)

    def complete(self, trailers=()):
        self.end("complete", status=self.status, trailers=text_pairs(trailers))

    def failed(self, error, **more):
        self.end("error", error=error if isinstance(error, str) else with_causes(error), **more)

    def end(self, end, **more):
        say(id=self.id, end=end, body_size=self.size, body_digest=self.digest.hexdigest(), **more)


def text_pairs(fields):
    def text(part):
        return part.decode("iso-8859-1") if isinstance(part, bytes) else part

    return [[text(name).lower(), text(value)] for name, value in fields]


def with_causes(error):
    texts = []
    while error is not None:
        texts.append(traceback.format_exception_only(error)[-1].strip())
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return ", caused by ".join(texts)
