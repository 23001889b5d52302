/**
 * Asks the browser to keep the page for use without a network (offline/service-worker.ts), once the page has what it
 * needs itself. Where that is not allowed, as in some frames, the page works all the same.
 */
export async function keepForOffline(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  try {
    await navigator.serviceWorker.register(new URL('service-worker.js', document.baseURI));
  } catch {}
}
