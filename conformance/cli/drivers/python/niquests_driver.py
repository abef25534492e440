"""Driver for niquests 3.21.2 (urllib3-future 2.25.904, jh2 5.0.15).

Packages:  pip install niquests==3.21.2 urllib3-future==2.25.904 jh2==5.0.15
Run:       python niquests_driver.py
"""

import asyncio

import niquests
from protocol import Response, messages, say, unplayable


def new_session(ca_file):
    # Without HTTP/1 and HTTP/3, an http:// URL is HTTP/2 with prior knowledge.
    session = niquests.AsyncSession(disable_http1=True, disable_http3=True)
    session.trust_env, session.verify = False, ca_file or True
    return session


async def unfinished(body):
    yield body["text"].encode()
    if body["then"] == "fail":
        raise RuntimeError("the application's content fails")
    await asyncio.Event().wait()


async def play(session, request):
    if request["trailers"]:
        return unplayable(request, "niquests has no request trailers")
    if len({name.lower() for name, _ in request["headers"]}) < len(request["headers"]):
        return unplayable(request, "niquests sends one field of a name")
    body = request["body"]
    content = (body["text"].encode() or None) if body["then"] == "complete" else unfinished(body)
    response = Response(request)
    try:
        answer = await session.request(
            request["method"],
            request["url"],
            headers=request["headers"],
            data=content,
            timeout=60,
            allow_redirects=False,
            stream=True,
        )
        response.head(answer.status_code, answer.raw.headers.items())
        async for chunk in await answer.iter_raw():
            response.data(chunk)
        trailers = answer.raw.trailers
        response.complete(trailers.items() if trailers else [])
    except (Exception, asyncio.CancelledError) as error:
        response.failed(error)


async def main():
    lines = messages()
    ca_file = next(lines)["ca_file"]
    say(transport=["h2c", "tls"], client=f"niquests {niquests.__version__}", cancels=True)
    session, tasks, dropped = new_session(ca_file), {}, []
    while message := await asyncio.to_thread(next, lines, None):
        if "reset" in message:
            for task in tasks.values():
                task.cancel()
            dropped.append(asyncio.create_task(session.close()))
            session, tasks = new_session(ca_file), {}
        elif "cancel" in message:
            if message["cancel"] in tasks:
                tasks[message["cancel"]].cancel()
        else:
            tasks[message["id"]] = asyncio.create_task(play(session, message))


asyncio.run(main())
