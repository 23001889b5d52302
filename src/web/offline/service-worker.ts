/**
 * The page without a network: keeps all that it is made of, each file under the hash of its content. What is hashed in its
 * name, too, comes from what is kept; the rest from the network while there is one, so that a page is never older than
 * its server. What few need, such as the assembler, is kept when it has been used. Own work and not a package's: the
 * list of files is all there is to know, and it is made where they are.
 */
declare const self: ServiceWorkerGlobalScope;

/** Path below the scope -> the beginning of its SHA-256, as vite/offline.ts has found them. */
declare const FILES: Readonly<Record<string, string>>;
/** Of these, the ones to keep when they are used. */
declare const WHEN_USED: readonly string[];

/** Other pages of this host may have caches, too: ours are called after where we are. */
const CACHE = `pml4 ${new URL(self.registration.scope).pathname}`;
const HASHED_NAMES = /^assets\//;
/** A network that says nothing for so long is none. */
const PATIENCE_MS = 3000;

const keyOf = (path: string): string => `${new URL(path, self.registration.scope)}?${FILES[path]}`;

self.addEventListener('install', (event) => event.waitUntil(keepAll()));
self.addEventListener('activate', (event) => event.waitUntil(forgetOthers()));
self.addEventListener('fetch', (event) => {
  const path = pathOf(event.request);
  if (path === undefined) return;
  const isOurs = HASHED_NAMES.test(path) || WHEN_USED.includes(path);
  event.respondWith(isOurs ? keptOrFetched(path, event.request) : fetchedOrKept(path, event.request));
});

/** Of one of the files; undefined: it is no business of ours. */
function pathOf({ method, url }: Request): string | undefined {
  const { origin, pathname } = new URL(url);
  const scope = new URL(self.registration.scope);
  if (method !== 'GET' || origin !== scope.origin || !pathname.startsWith(scope.pathname)) return undefined;
  const path = pathname.slice(scope.pathname.length) || 'index.html';
  return Object.hasOwn(FILES, path) ? path : undefined;
}

async function keepAll(): Promise<void> {
  const cache = await caches.open(CACHE);
  const paths = Object.keys(FILES).filter((path) => !WHEN_USED.includes(path));
  await Promise.all(
    paths.map(async (path) => {
      if (await cache.match(keyOf(path))) return;
      const response = await fetch(new URL(path, self.registration.scope), { cache: 'no-cache' });
      if (!(await keep(path, response))) throw new Error(`${path} is not what this version is made of`);
    }),
  );
}

/** What is of other versions. */
async function forgetOthers(): Promise<void> {
  const cache = await caches.open(CACHE);
  const ours = new Set(Object.keys(FILES).map(keyOf));
  for (const request of await cache.keys()) if (!ours.has(request.url)) await cache.delete(request);
}

async function keptOrFetched(path: string, request: Request): Promise<Response> {
  const kept = await (await caches.open(CACHE)).match(keyOf(path));
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  await keep(path, response.clone());
  return response;
}

async function fetchedOrKept(path: string, request: Request): Promise<Response> {
  const kept = await (await caches.open(CACHE)).match(keyOf(path));
  if (kept === undefined) return await fetch(request);
  const timeout = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE_MS));
  const response = await Promise.race([fetch(request).catch(() => undefined), timeout]);
  return response ?? kept;
}

/** False: it is of another version, as happens while a host is being updated. */
async function keep(path: string, response: Response): Promise<boolean> {
  if (!response.ok) return false;
  const bytes = await response.arrayBuffer();
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const text = [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (!text.startsWith(FILES[path])) return false;
  const { status, headers } = response;
  await (await caches.open(CACHE)).put(keyOf(path), new Response(bytes, { status, headers: keptHeaders(headers) }));
  return true;
}

/** The bytes are as they come out of what they were compressed with. */
function keptHeaders(headers: Headers): Headers {
  const kept = new Headers(headers);
  kept.delete('Content-Encoding');
  kept.delete('Content-Length');
  return kept;
}

export {};
