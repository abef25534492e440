// Drives calls of @grpc/grpc-js. The path of the URL is the method of the service; the content is the message. The answer
// is a stream of messages, so that what comes before an error shows.
// Every call is a POST. gRPC promises transparent retries: a call that the server did not process is sent again.
// gRPC does not show the HTTP status: the driver says 200. Options: no proxy, and no connections shared with the client before a reset.
//   npm install @grpc/grpc-js@1.14.7
//   node grpc_js.mjs
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { content, installed, serve, Unplayable } from './protocol.mjs';

const options = { 'grpc.enable_http_proxy': 0, 'grpc.use_local_subchannel_pool': 1 };
const identity = bytes => bytes;

function clientFor({ clients, ca }, { protocol, host }) {
  const transport = protocol === 'https:' ? credentials.createSsl(ca) : credentials.createInsecure();
  if (!clients.has(host)) clients.set(host, new Client(host, transport, options));
  return clients.get(host);
}

serve({
  client: installed('@grpc/grpc-js'),
  transport: ['h2c', 'tls'],
  hello: { grpc: true, retries: true },

  open: ca => ({ clients: new Map(), ca }),
  close: ({ clients }) => clients.forEach(client => client.close()),
  explain: error => ({ grpc_status: error.code }),

  play(client, { url, headers, body, trailers, signal }, response) {
    if (body.then !== 'complete') throw new Unplayable('the message of such a call is whole');
    if (trailers.length) throw new Unplayable('gRPC sends no request trailers');
    const to = new URL(url);
    const metadata = new Metadata();
    try {
      for (const [name, value] of headers) metadata.add(name, value);
    } catch (error) {
      throw new Unplayable(error.message);
    }

    return new Promise((resolve, reject) => {
      const call = clientFor(client, to)
        .makeServerStreamRequest(to.pathname, identity, identity, content(body) ?? Buffer.alloc(0), metadata)
        .on('metadata', received => response.head(200, received.toHttp2Headers()))
        .on('data', message => response.data(message))
        .on('error', reject)
        .on('status', ({ code, metadata }) => {
          if (code === 0) resolve({ 'grpc-status': code, ...metadata.toHttp2Headers() });
        });
      signal.addEventListener('abort', () => call.cancel());
    });
  },
});
