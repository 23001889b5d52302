/**
 * The drawing as a file of its own that any viewer opens: every style that comes from the page's sheets is written into the
 * elements, in the light colours, and what is for the page alone (the keyboard, tips) is left out.
 */

/** What an element's looks consist of. */
const PROPERTIES = [
  'fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'opacity', 'font-family', 'font-size', 'font-weight',
  'text-anchor', 'text-decoration-line', 'white-space',
] as const; // biome-ignore format: a list
const DROPPED = /^(?:class|style|tabindex|role|aria-.*|data-(?:tip|stop))$/;
const MONO = "'DejaVu Sans Mono', Menlo, Consolas, monospace";
const SANS = "'DejaVu Sans', 'Segoe UI', Helvetica, Arial, sans-serif";

export function standaloneSvg(svg: SVGSVGElement, title: string, description: string): string {
  const root = document.documentElement;
  const theme = root.getAttribute('data-theme');
  root.setAttribute('data-theme', 'light');
  try {
    const copy = svg.cloneNode(true) as SVGSVGElement;
    copyLooks(svg, copy);
    copy.setAttribute('role', 'img');
    const background = document.createElementNS(svg.namespaceURI, 'rect');
    background.setAttribute('width', '100%');
    background.setAttribute('height', '100%');
    background.setAttribute('fill', resolve(getComputedStyle(svg).backgroundColor) ?? '#ffffff');
    copy.querySelector('.heads')?.removeAttribute('transform');
    const [oldTitle, oldDescription] = [copy.querySelector('title'), copy.querySelector('desc')];
    if (oldTitle !== null) oldTitle.textContent = title;
    if (oldDescription !== null) {
      oldDescription.textContent = description;
      oldDescription.removeAttribute('id');
      oldDescription.after(background);
    }
    clean(copy);
    return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
  } finally {
    if (theme === null) root.removeAttribute('data-theme');
    else root.setAttribute('data-theme', theme);
  }
}

function copyLooks(from: Element, to: Element): void {
  const looks = getComputedStyle(from);
  const isShape = !['title', 'desc', 'g', 'svg'].includes(from.localName);
  if (isShape)
    for (const property of PROPERTIES) {
      const value = looks.getPropertyValue(property);
      const isText = from.localName === 'text' || from.localName === 'tspan';
      if (value === '' || (!isText && /^(?:font|text|white)/.test(property))) continue;
      if (property === 'font-family') to.setAttribute(property, /mono/i.test(value) ? MONO : SANS);
      else if (property === 'fill' || property === 'stroke') to.setAttribute(property, resolve(value) ?? 'none');
      else if (property === 'white-space') {
        if (value.startsWith('pre')) to.setAttribute('xml:space', 'preserve');
      } else if (property === 'text-decoration-line') {
        if (value !== 'none') to.setAttribute('text-decoration', value);
      } else if (!(value === 'none' || (property === 'opacity' && value === '1'))) to.setAttribute(property, value);
    }
  else if (looks.opacity !== '1' && from.localName === 'g') to.setAttribute('opacity', looks.opacity);
  const { transform } = looks;
  if (from.localName === 'g' && transform !== 'none' && transform !== '') to.setAttribute('transform', transform);
  for (let i = 0; i < from.children.length; i++) copyLooks(from.children[i], to.children[i]);
}

/** A colour as every viewer knows it; undefined: none. */
function resolve(value: string): string | undefined {
  if (value === 'none' || value === 'transparent' || value === 'rgba(0, 0, 0, 0)') return undefined;
  return value;
}

function clean(element: Element): void {
  for (const { name } of [...element.attributes])
    if (DROPPED.test(name) && !(element.localName === 'svg' && name === 'role')) element.removeAttribute(name);
  for (const child of element.children) clean(child);
}

/** Hands a text to the user as a file. */
export function saveFile(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
