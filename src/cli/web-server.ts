/**
 * The browser view over HTTP, for this computer alone: the files of dist/web, what is given beside them, and nothing
 * else. A request has to say that it means this computer (Host), so that a name of somebody else's that is made to point
 * here gets nothing; and what is here is not for pages that come from other computers.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import sirv from 'sirv';
import { SERVER_POLICY } from '../web/content-security.ts';

const NAMES = ['127.0.0.1', 'localhost', '[::1]'];
const HTTP_PORT = 80;

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': SERVER_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), usb=()',
};

export interface Served {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** A script for other pages of this computer; it holds nothing that is anybody's own. */
const FOR_OTHERS = '/pml4-machine.js';

/** What sirv does not know by its name. */
const TYPES: readonly (readonly [directory: string, type: string])[] = [
  ['/programs/', 'application/octet-stream'],
  ['/sources/', 'text/plain; charset=utf-8'],
];

/** Serves a directory, and what is given by its path (`/given/program`). */
export function webServer(directory: string, given: ReadonlyMap<string, Served>): Server {
  const files = sirv(directory, {
    dev: true, // looks at the files as they are now: they may be built anew meanwhile
    etag: true,
    onNoMatch: (_request, response) => answer(response, 404, 'there is no such file'),
    setHeaders: (response, path) => {
      const type = TYPES.find(([start]) => path.startsWith(start))?.[1];
      if (type !== undefined) response.setHeader('Content-Type', type);
      if (path === FOR_OTHERS) response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    },
  });
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const refusal = refusalOf(request, portOf(server));
    if (refusal !== undefined) {
      if (refusal.status === 405) response.setHeader('Allow', 'GET, HEAD');
      return answer(response, refusal.status, refusal.message);
    }
    const found = given.get(request.url!.replace(/\?.*$/s, ''));
    if (found !== undefined) {
      response.setHeader('Cache-Control', 'no-store');
      response.setHeader('Content-Type', found.type);
      response.setHeader('Content-Length', found.bytes.length);
      return void response.end(found.bytes);
    }
    // sirv believes in ranges whatever they are, and nothing here is so large that it needs them.
    delete request.headers.range;
    files(request, response);
  });
  return server;
}

function refusalOf(
  { method, headers: { host } }: IncomingMessage,
  port: number,
): { status: number; message: string } | undefined {
  const hosts = NAMES.flatMap((name) => (port === HTTP_PORT ? [name, `${name}:${port}`] : [`${name}:${port}`]));
  if (!hosts.includes(host?.toLowerCase() ?? ''))
    return { status: 421, message: `this is a server for this computer alone: ask it as ${NAMES[0]}:${port}` };
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, message: 'files can be read here, nothing else' };
  return undefined;
}

function answer(response: ServerResponse, status: number, message: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end(`${message}\n`);
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
