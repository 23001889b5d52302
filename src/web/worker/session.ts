import { Engine } from '../../debug/engine.ts';
export class Session {
  private _engine: Engine | undefined;
  async open(path: string, program: Uint8Array): Promise<string> {
    this._engine = await Engine.open({ path, program });
    const t = performance.now();
    const stop = await this._engine.continue();
    return JSON.stringify([stop.reason.kind, stop.position, performance.now() - t]);
  }
}
