/**
 * Texts of source files, by the paths that line tables name them by. Those of the page's own programs come from beside the
 * page when they are first asked for; who has others, such as an editor, puts them here.
 */
import { type Signal, signal } from '@preact/signals';
import { catalogue, sourceText } from './catalogue.ts';

class SourceTexts {
  private readonly _texts = new Map<string, Signal<readonly string[] | undefined>>();
  private readonly _loads = new Map<string, Promise<void>>();

  /** The lines of a file; undefined until they are there, or when nobody has them. Subscribes who reads it. */
  linesOf(path: string): readonly string[] | undefined {
    let text = this._texts.get(path);
    if (text === undefined) {
      text = signal(undefined);
      this._texts.set(path, text);
      this._loads.set(path, this._load(path, text));
    }
    return text.value;
  }

  /** The same, when they have come. */
  async whenThere(path: string): Promise<readonly string[] | undefined> {
    if (!this._texts.has(path)) this.linesOf(path);
    await this._loads.get(path);
    return this._texts.get(path)?.peek();
  }

  /** `path` as the line table of the program has it. */
  put(path: string, text: string): void {
    const lines = text.split('\n');
    const known = this._texts.get(path);
    if (known === undefined) this._texts.set(path, signal(lines));
    else known.value = lines;
  }

  private async _load(path: string, text: Signal<readonly string[] | undefined>): Promise<void> {
    const sources = new Set((await catalogue()).flatMap((entry) => entry.sources));
    // Ours are in asm/ as seen from the top of the package, which is what their line tables say.
    const ours = path.replace(/^asm\//, '');
    if (!path.startsWith('asm/') || !sources.has(ours)) return;
    try {
      text.value ??= (await sourceText(ours)).split('\n');
    } catch {
      // Offline before it was ever loaded: it is asked for again next time.
      this._texts.delete(path);
    }
  }
}

export const sourceTexts = new SourceTexts();
