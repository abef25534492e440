// Drives `fetch` of undici, over HTTP/2. Its Agent has the options that undici.mjs explains.
//   npm install undici@7.30.2     the newest that runs on Node 20
//   node undici_fetch.mjs
import { Readable } from 'node:stream';
import { Agent, fetch } from 'undici';
import { content, installed, serve, Unplayable } from './protocol.mjs';

serve({
  client: `fetch of ${installed('undici')}`,
  transport: ['h2c', 'tls'],

  open: ca => new Agent({
    allowH2: true, useH2c: true, connections: 1, pipelining: 100, connect: { ca, timeout: 60_000 },
  }),
  close: agent => void agent.destroy(),

  async play(dispatcher, { url, method, headers, body, trailers, signal }, response) {
    if (trailers.length) throw new Unplayable('fetch sends no trailers');
    const bytes = content(body);
    if (bytes && /^(GET|HEAD)$/.test(method)) throw new Unplayable(`fetch sends no content with ${method}`);
    const { status, headers: received, body: stream } = await fetch(url, {
      dispatcher, method, headers, body: bytes?.pipe ? Readable.toWeb(bytes) : bytes, duplex: 'half', redirect: 'manual', signal,
    });
    response.head(status, received);
    for await (const chunk of stream ?? []) response.data(chunk);
  },
});
