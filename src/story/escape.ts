/** Text in HTML and SVG. */
import { printable } from './printable.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string => printable(text).replaceAll(/[&<>"']/g, (char) => ENTITIES[char]);
