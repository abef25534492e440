// Drives `request` of undici, over HTTP/2.
// As shipped, an Agent opens a connection for each request that runs at the same time, even with `allowH2`. So its options
// ask for one connection with up to 100 requests, as undici's own H2CClient has.
//   npm install undici@7.30.2     the newest that runs on Node 20
//   node undici.mjs
import { Agent, request } from 'undici';
import { content, installed, serve, Unplayable } from './protocol.mjs';

serve({
  client: installed('undici'),
  transport: ['h2c', 'tls'],

  open: ca => new Agent({
    allowH2: true, useH2c: true, connections: 1, pipelining: 100, connect: { ca, timeout: 60_000 },
  }),
  close: agent => void agent.destroy(),

  async play(dispatcher, { url, method, headers, body, trailers, signal }, response) {
    if (trailers.length) throw new Unplayable('undici sends no trailers');
    const bytes = content(body);
    if (bytes && /^(GET|HEAD)$/.test(method)) throw new Unplayable(`undici sends no content with ${method} over HTTP/2`);
    const { statusCode, headers: fields, body: stream, trailers: received } = await request(url, {
      dispatcher, method, headers: headers.flat(), body: bytes, signal,
    });
    response.head(statusCode, fields);
    for await (const chunk of stream) response.data(chunk);
    return received;
  },
});
