/** Lines of gdb's `monitor`, for what gdb itself has no words for. */
import type { Engine } from '../debug/engine.ts';

export async function monitor(_engine: Engine, line: string): Promise<string> {
  return `pml4 has no command for monitor yet: ${line}\n`;
}
