/**
 * What the browser view may load and do, as a Content-Security-Policy. Programs of the guest reach nothing of the page,
 * so the policy is against mistakes of ours and against packages: nothing comes from elsewhere, no code from text.
 * Styles: xterm makes <style> elements and style attributes while it runs, so these are allowed inline; scripts are not.
 */
const POLICY = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self'",
  'connect-src': "'self'",
  'img-src': "'self' data:",
  'font-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
} as const;

/** In a page: holds on any static host. */
export const PAGE_POLICY = describe(POLICY);

/**
 * As the header of `pml4 serve`. The example of embedding frames the page itself. Who may frame it besides are pages on
 * this computer: any other page on the web has no business with what is served here.
 */
export const SERVER_POLICY = describe({
  ...POLICY,
  'frame-src': "'self'",
  'frame-ancestors': "'self' http://localhost:* http://127.0.0.1:*",
});

function describe(policy: Readonly<Record<string, string>>): string {
  return Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join('; ');
}
