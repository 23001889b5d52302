/** The policy in the built page's head, for hosts that send no header. `vite dev` injects scripts of its own, and has none. */
import type { Plugin } from 'vite';
import { PAGE_POLICY } from '../src/web/content-security.ts';

export const contentSecurity = (): Plugin => ({
  name: 'content-security',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: PAGE_POLICY },
      injectTo: 'head-prepend',
    },
    { tag: 'meta', attrs: { name: 'referrer', content: 'no-referrer' }, injectTo: 'head-prepend' },
  ],
});
