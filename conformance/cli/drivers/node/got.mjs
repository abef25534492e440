// Drives got with `http2: true`, which uses http2-wrapper. It takes HTTP/2 only with TLS.
// It reads responses as streams. For those got does not send again by itself: that is left to a 'retry' listener.
//   npm install got@14.6.6 http2-wrapper@2.2.4     the newest got that runs on Node 20
//   node got.mjs
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import got from 'got';
import http2wrapper from 'http2-wrapper';
import { content, fields, installed, serve, Unplayable } from './protocol.mjs';

serve({
  client: `${installed('got')}, ${installed('http2-wrapper')}`,
  transport: ['tls'],

  open: ca => ({ agent: new http2wrapper.Agent(), ca }),
  close: ({ agent }) => agent.destroy(),

  async play({ agent, ca }, { url, method, headers, body, trailers, signal }, response) {
    if (trailers.length) throw new Unplayable('got sends no trailers');
    const bytes = content(body);
    if (bytes && /^(GET|HEAD|DELETE)$/.test(method)) throw new Unplayable(`http2-wrapper sends no content with ${method}`);
    const stream = got.stream(url, {
      http2: true, agent: { http2: agent }, https: { certificateAuthority: ca }, method, headers: fields(headers),
      ...(bytes ? { body: bytes } : {}),
      decompress: false, followRedirect: false, throwHttpErrors: false, signal,
    });
    if (!bytes && !/^(GET|HEAD)$/.test(method)) stream.end();
    stream.on('response', ({ statusCode, headers }) => response.head(statusCode, headers));
    await pipeline(stream, new Writable({ write(chunk, _, done) { response.data(chunk); done(); } }));
    return stream.response.trailers;
  },
});
