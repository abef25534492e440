// Drives `node:http2`, the HTTP/2 client in Node itself. It has no pool: the driver keeps one session for each origin, and
// opens another once that one is closed, which a GOAWAY also does. It has no retries either.
// A response is complete when its stream says 'end': the documentation promises an 'error' if it is cut short.
//   node node_http2.mjs           nothing to install
import { connect } from 'node:http2';
import { content, fields, serve } from './protocol.mjs';

function sessionFor({ sessions, ca }, url) {
  const { origin } = new URL(url);
  let session = sessions.get(origin);
  if (!session || session.closed || session.destroyed) {
    session = connect(origin, { ca });
    session.on('error', () => {}); // the streams of the session report it
    sessions.set(origin, session);
  }
  return session;
}

serve({
  client: `node:http2 ${process.versions.node}`,
  transport: ['h2c', 'tls'],

  open: ca => ({ sessions: new Map(), ca }),
  close: ({ sessions }) => sessions.forEach(session => session.destroy()),

  async play(client, { url, method, headers, body, trailers, signal }, response) {
    const bytes = content(body);
    const { pathname, search } = new URL(url);
    const head = { ':method': method, ':path': pathname + search, ...fields(headers) };
    if (Buffer.isBuffer(bytes)) head['content-length'] = bytes.length;
    const stream = sessionFor(client, url).request(head, {
      endStream: !bytes && !trailers.length, waitForTrailers: trailers.length > 0, signal,
    });
    if (trailers.length) stream.on('wantTrailers', () => stream.sendTrailers(fields(trailers)));
    bytes?.pipe ? bytes.on('error', error => stream.destroy(error)).pipe(stream) : stream.end(bytes ?? undefined);

    let responded = false, received = {};
    return new Promise((resolve, reject) => stream
      .on('response', fields => { responded = true; response.head(fields[':status'], fields); })
      .on('data', chunk => response.data(chunk))
      .on('trailers', fields => { received = fields; })
      .on('end', () => { if (responded) resolve(received); })
      .on('error', reject)
      .on('close', () => reject(new Error(`the stream was closed with code ${stream.rstCode}`))));
  },
});
