/** THIRD-PARTY.txt of the browser view: the licences of the packages in its bundles, those of the workers too. */
import type { Plugin } from 'vite';
import { describeLicences } from '../licences.ts';

export class Licences {
  private readonly _modules = new Set<string>();

  /** Of every bundle: notes the modules that it is made of. */
  collect(): Plugin {
    const modules = this._modules;
    return {
      name: 'licences-of-modules',
      generateBundle(_options, bundle) {
        for (const part of Object.values(bundle))
          if (part.type === 'chunk') for (const id of part.moduleIds) modules.add(id);
      },
    };
  }

  /** Of the page's own bundle, which is made last. */
  write(): Plugin {
    const modules = this._modules;
    return {
      name: 'licences',
      generateBundle: {
        order: 'post',
        handler() {
          this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY.txt', source: describeLicences(modules) });
        },
      },
    };
  }
}
