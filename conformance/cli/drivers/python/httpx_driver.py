"""Driver for httpx 0.28.1 (httpcore 1.0.9, h2 4.4.1).

Packages:  pip install httpx[http2]==0.28.1 httpcore==1.0.9 h2==4.4.1
Run:       python httpx_driver.py
"""

import asyncio
import ssl

import httpx
from protocol import Response, messages, say, unplayable


def new_client(ca_file):
    # With http1=False, an http:// URL is HTTP/2 with prior knowledge.
    verify = ssl.create_default_context(cafile=ca_file) if ca_file else True
    return httpx.AsyncClient(http1=False, http2=True, verify=verify, trust_env=False, timeout=60)


async def unfinished(body):
    yield body["text"].encode()
    if body["then"] == "fail":
        raise RuntimeError("the application's content fails")
    await asyncio.Event().wait()


async def play(client, request):
    if request["trailers"]:
        return unplayable(request, "httpx has no request trailers")
    body = request["body"]
    content = (body["text"].encode() or None) if body["then"] == "complete" else unfinished(body)
    headers = [(name.encode("iso-8859-1"), value.encode("iso-8859-1")) for name, value in request["headers"]]
    response = Response(request)
    try:
        async with client.stream(request["method"], request["url"], headers=headers, content=content) as answer:
            response.head(answer.status_code, answer.headers.raw)
            async for chunk in answer.aiter_raw():
                response.data(chunk)
        response.complete()  # httpx does not show trailers
    except (Exception, asyncio.CancelledError) as error:
        response.failed(error)


async def main():
    lines = messages()
    ca_file = next(lines)["ca_file"]
    say(transport=["h2c", "tls"], client=f"httpx {httpx.__version__}", cancels=True)
    client, tasks, dropped = new_client(ca_file), {}, []
    while message := await asyncio.to_thread(next, lines, None):
        if "reset" in message:
            for task in tasks.values():
                task.cancel()
            dropped.append(asyncio.create_task(client.aclose()))
            client, tasks = new_client(ca_file), {}
        elif "cancel" in message:
            if message["cancel"] in tasks:
                tasks[message["cancel"]].cancel()
        else:
            tasks[message["id"]] = asyncio.create_task(play(client, message))


asyncio.run(main())
