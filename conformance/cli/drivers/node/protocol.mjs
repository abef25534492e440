// The driver protocol, for drivers in JavaScript: reads requests, runs them at once, writes what happens to them.
// A driver calls `serve` with:
//   client, transport, hello   what it says of itself; `hello` has the optional fields
//   open(ca)                   makes a client; `ca` is a certificate in PEM, or undefined
//   close(client)              drops the client with its connections
//   play(client, request, response)   sends a request, and resolves with the response trailers
//   explain(error)             optional: more fields for an error
// It installs no handler for uncaught exceptions: an exception that escapes from a client ends the driver.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

/** The client cannot send this request. */
export class Unplayable extends Error {}

/** A package with its installed version: "undici 7.30.2". */
export function installed(name) {
  const files = createRequire(import.meta.url).resolve.paths(name).map(folder => `${folder}/${name}/package.json`);
  return `${name} ${JSON.parse(readFileSync(files.find(existsSync))).version}`;
}

/** The content of a request: null if it has none, a Buffer if it ends, or a stream that never ends or fails. */
export function content({ size, then, text }) {
  if (then === 'complete') return size ? Buffer.from(text, 'latin1') : null;
  const chunks = size ? [Buffer.from(text, 'latin1')] : [];
  return new Readable({
    highWaterMark: 1, // `read` is called again when the chunk has been taken
    read() {
      if (chunks.length) this.push(chunks.shift());
      else if (then === 'fail') setTimeout(() => this.destroy(new Error('the content fails')), 100); // time to send the chunk
    },
  });
}

/** Header fields as an object. A repeated field has an array. */
export function fields(pairs) {
  const object = {};
  for (const [name, value] of pairs) object[name] = Object.hasOwn(object, name) ? [object[name], value].flat() : value;
  return object;
}

export function serve(driver) {
  let client, ca;
  let running = new Map(); // the AbortControllers of the requests, by id
  const receive = message => {
    if (message.hello) {
      if (message.ca_file) ca = readFileSync(message.ca_file);
      client = driver.open(ca);
      write({ transport: driver.transport, client: driver.client, cancels: true, ...driver.hello });
    } else if (message.reset) {
      const abandoned = running;
      running = new Map();
      for (const controller of abandoned.values()) controller.abort();
      driver.close(client);
      client = driver.open(ca);
    } else if (message.cancel !== undefined) {
      running.get(message.cancel)?.abort();
    } else {
      const controller = new AbortController(), mine = running;
      mine.set(message.id, controller);
      run(driver, client, { ...message, signal: controller.signal }).finally(() => mine.delete(message.id));
    }
  };
  createInterface({ input: process.stdin }).on('line', line => receive(JSON.parse(line))).on('close', () => process.exit());
}

async function run(driver, client, request) {
  const { id } = request;
  const digest = createHash('sha256');
  let status, size = 0;
  const response = {
    head(code, headers) { write({ id, event: 'head', status: (status = code), headers: pairs(headers) }); },
    data(chunk) { digest.update(chunk), (size += chunk.length); },
  };
  const body = () => ({ body_size: size, body_digest: digest.digest('hex') });
  try {
    const trailers = await driver.play(client, request, response);
    write({ id, end: 'complete', status, ...body(), trailers: pairs(trailers ?? {}) });
  } catch (error) {
    if (error instanceof Unplayable) write({ id, unplayable: error.message });
    else write({ id, end: 'error', error: withCauses(error), ...body(), ...driver.explain?.(error) });
  }
}

function withCauses(error) {
  const text = error instanceof Error ? String(error) : (error.message ?? String(error));
  const { code, cause } = error;
  const named = typeof code === 'string' && !text.includes(code) ? `${text} [${code}]` : text;
  return cause ? `${named}: ${withCauses(cause)}` : named;
}

/** Header fields of any client, an object or pairs, as pairs without pseudo-fields. */
function pairs(headers) {
  const entries = headers[Symbol.iterator] ? [...headers] : Object.entries(headers);
  return entries.flatMap(([name, value]) => (name.startsWith(':') ? [] : [value].flat().map(one => [name, String(one)])));
}

function write(message) {
  process.stdout.write(JSON.stringify(message) + '\n');
}
