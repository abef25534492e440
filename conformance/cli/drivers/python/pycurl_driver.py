"""Driver for libcurl, the C library, through pycurl 7.49.0. Its wheel has libcurl 8.23.0 with nghttp2 1.70.0.

Packages:  pip install --only-binary :all: pycurl==7.49.0
Run:       python pycurl_driver.py
"""

import io
import json
import select

import pycurl
from protocol import Response, say, unplayable


class Transfer(Response):
    def header_line(self, line):
        """Takes the lines of heads, 1xx included, then of trailers. An empty line ends a head."""
        name, _, value = line.decode("iso-8859-1").strip().partition(":")
        if name.startswith("HTTP/"):
            self.code, self.fields = int(name.split()[1]), []
        elif name:
            self.fields.append((name, value.strip()))
        elif self.status is None and self.code >= 200:
            self.head(self.code, self.fields)
            self.fields = []


def new_curl(request, transfer, ca_file):
    curl, body, method = pycurl.Curl(), request["body"], request["method"]
    headers = [(f"{name}: {value}" if value else f"{name};").encode("iso-8859-1") for name, value in request["headers"]]
    curl.setopt(pycurl.URL, request["url"])
    curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE)
    curl.setopt(pycurl.PIPEWAIT, 1)  # wait for a connection that can take several requests
    curl.setopt(pycurl.PROXY, "")
    if ca_file:
        curl.setopt(pycurl.CAINFO, ca_file)
    curl.setopt(pycurl.HTTPHEADER, headers)
    curl.setopt(pycurl.HEADERFUNCTION, transfer.header_line)
    curl.setopt(pycurl.WRITEFUNCTION, transfer.data)
    if body["size"] or body["then"] != "complete":
        content = io.BytesIO(body["text"].encode())
        end = {"complete": b"", "never": pycurl.READFUNC_PAUSE, "fail": pycurl.READFUNC_ABORT}[body["then"]]
        curl.setopt(pycurl.UPLOAD, 1)
        curl.setopt(pycurl.READFUNCTION, lambda size: content.read(size) or end)
        curl.setopt(pycurl.SEEKFUNCTION, lambda offset, origin: content.seek(offset, origin) * 0)  # 0 is SEEKFUNC_OK
        curl.setopt(pycurl.INFILESIZE_LARGE, body["size"] if body["then"] == "complete" else -1)
    elif method == "POST":
        curl.setopt(pycurl.POSTFIELDS, "")
    elif method == "HEAD":
        curl.setopt(pycurl.NOBODY, 1)
    curl.setopt(pycurl.CUSTOMREQUEST, method)
    return curl


stdin = open(0, "rb", buffering=0)  # select() does not see what a buffer holds
ca_file = json.loads(stdin.readline())["ca_file"]
say(transport=["h2c", "tls"], client="libcurl " + pycurl.version_info()[1], cancels=True)
multi, transfers = pycurl.CurlMulti(), {}
while True:
    readable, writable, exceptional = multi.fdset()
    # After an error of the connection libcurl waits for neither a socket nor a timer, only for the next perform().
    wait = 0.1 if multi.timeout() < 0 else min(0.1, multi.timeout() / 1000)
    ready, _, _ = select.select([stdin, *readable], writable, exceptional, wait)
    if stdin in ready:
        line = stdin.readline()
        if not line:
            break
        message = json.loads(line)
        if "reset" in message:
            multi.close()
            multi, transfers = pycurl.CurlMulti(), {}
        elif "cancel" in message:
            for curl in [curl for curl, transfer in transfers.items() if transfer.id == message["cancel"]]:
                multi.remove_handle(curl)
                transfers.pop(curl).failed("cancelled")
        elif message.get("trailers"):
            unplayable(message, "libcurl has no request trailers in HTTP/2")
        elif "id" in message:
            transfer = Transfer(message)
            curl = new_curl(message, transfer, ca_file)
            transfers[curl] = transfer
            multi.add_handle(curl)
    multi.perform()
    _, complete, failed = multi.info_read()
    for curl, *error in [*((curl,) for curl in complete), *failed]:
        multi.remove_handle(curl)
        transfer = transfers.pop(curl)
        if error:
            transfer.failed("CURLE {}: {}".format(*error))
        else:
            transfer.complete(transfer.fields)
