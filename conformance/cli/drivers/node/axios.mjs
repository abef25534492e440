// Drives axios with `httpVersion: 2`. Its sessions are kept in a pool of the module; the driver cannot close them, but
// sessions with other options are not shared, so each reset gets another `generation`.
//   npm install axios@1.21.1
//   node axios.mjs
import axios from 'axios';
import { content, fields, installed, serve, Unplayable } from './protocol.mjs';

let generation = 0;

serve({
  client: installed('axios'),
  transport: ['h2c', 'tls'],

  open: ca => axios.create({
    httpVersion: 2, http2Options: { ca, generation: generation++ }, responseType: 'stream',
    maxRedirects: 0, proxy: false, decompress: false, validateStatus: null,
  }),
  close: () => {},

  async play(client, { url, method, headers, body, trailers, signal }, response) {
    if (trailers.length) throw new Unplayable('axios sends no trailers');
    const bytes = content(body);
    if (bytes && /^(GET|HEAD)$/.test(method)) throw new Unplayable(`axios sends no content with ${method} over HTTP/2`);
    const { status, headers: received, data: stream } = await client.request({
      url, method, headers: fields(headers), data: bytes ?? undefined, signal,
    });
    response.head(status, received);
    let trailersReceived;
    stream.on('trailers', trailers => (trailersReceived = trailers));
    for await (const chunk of stream) response.data(chunk);
    return trailersReceived;
  },
});
