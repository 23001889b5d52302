/**
 * `<pml4-machine program="shm_demo" position="200000042.18" show="picture,code">` for other people's pages: a frame of the
 * page beside this script, in the element's shadow, so that neither's styles touch the other. Its attributes are the words
 * of a link (app/share/link.ts), and can be changed at any time. A plain script, since one from another host needs no
 * leave of that host when it is no module.
 */

/** Attributes that are called like the link's words, or otherwise. */
const WORDS: Readonly<Record<string, string>> = {
  program: 'program',
  lesson: 'lesson',
  step: 'step',
  args: 'arg',
  seed: 'seed',
  quantum: 'quantum',
  position: 'at',
  tid: 'tid',
  address: 'address',
  show: 'show',
};
const FLAGS = ['private'];
/** A link as the page copies it, whole or from its `#` on; in place of the others but `show`. */
const LINK = 'link';
const TITLE = 'frame-title';
const OBSERVED = [...Object.keys(WORDS), ...FLAGS, LINK, TITLE];

const STYLE = `
  :host { display: block; width: 100%; height: 36rem; min-height: 12rem; contain: content; }
  :host([hidden]) { display: none; }
  iframe { display: block; width: 100%; height: 100%; border: 0; border-radius: inherit; color-scheme: normal; }
`;

const PAGE = new URL('./', (document.currentScript as HTMLScriptElement | null)?.src ?? document.baseURI);

class MachineElement extends HTMLElement {
  static readonly observedAttributes = OBSERVED;
  private _frame: HTMLIFrameElement | undefined;
  private _isWaiting = false;

  connectedCallback(): void {
    if (this._frame !== undefined) return;
    // Who focuses the element has focused the page in it.
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open', delegatesFocus: true });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const frame = document.createElement('iframe');
    frame.allow = 'clipboard-write';
    frame.loading = 'lazy';
    frame.referrerPolicy = 'no-referrer';
    frame.title = this._title();
    frame.src = this._url();
    root.replaceChildren(frame);
    this._frame = frame;
  }

  /** A frame that is moved in its document begins anew, whatever one does. */
  disconnectedCallback(): void {
    this._frame?.remove();
    this._frame = undefined;
  }

  /** Of several attributes that are changed together, the page hears once. */
  attributeChangedCallback(): void {
    if (this._isWaiting || this._frame === undefined) return;
    this._isWaiting = true;
    queueMicrotask(() => {
      this._isWaiting = false;
      if (this._frame === undefined) return;
      this._frame.title = this._title();
      // No entry in the history of the page around it; the one inside goes there without being loaded again.
      this._frame.contentWindow?.location.replace(this._url());
    });
  }

  private _title(): string {
    return (
      this.getAttribute(TITLE) ?? `pml4: ${this.getAttribute('program') ?? this.getAttribute('lesson') ?? 'a machine'}`
    );
  }

  private _url(): string {
    const url = new URL(PAGE);
    const link = this.getAttribute(LINK);
    url.hash = [...(link === null ? this._words() : wordsOf(link)), 'embed', ...this._shown()].join('&');
    return url.href;
  }

  private _words(): string[] {
    const words = Object.entries(WORDS).flatMap(([attribute, word]) => {
      const value = attribute === 'show' ? null : this.getAttribute(attribute);
      if (value === null) return [];
      return (attribute === 'args' ? value.split(/\s+/) : [value.trim()]).map((text) => `${word}=${encode(text)}`);
    });
    return ['v=1', ...words, ...FLAGS.filter((flag) => this.hasAttribute(flag))];
  }

  private _shown(): string[] {
    const parts = this.getAttribute('show');
    return parts === null ? [] : [`show=${encode(parts.replaceAll(/\s+/g, ''))}`];
  }
}

const encode = (text: string): string => encodeURIComponent(text.toWellFormed());

/** What a link says, but for how it is shown. */
const wordsOf = (link: string): string[] =>
  link
    .replace(/^[^#]*#/, '')
    .split('&')
    .filter((word) => !/^(?:embed|show)(?:=|$)/.test(word));

if (customElements.get('pml4-machine') === undefined) customElements.define('pml4-machine', MachineElement);
