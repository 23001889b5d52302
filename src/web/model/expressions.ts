/**
 * What a user types where an address or a condition is wanted: expressions as gdb has them, in which a register may also
 * stand without its `$`, as in assembly. Nothing can be assigned.
 */
import { UsageError } from '../../base/invariant.ts';
import type { StopPointOptions } from '../../debug/engine.ts';
import { isZero } from '../../debug/expression/arithmetic.ts';
import { evaluate, evaluateAddress, type Scope } from '../../debug/expression/evaluate.ts';
import { parseExpression } from '../../debug/expression/parse.ts';
import { findRegister } from '../../debug/expression/registers.ts';
import { taskScope } from '../../debug/expression/task-scope.ts';
import { breakAtLine, breakAtSymbol, findSymbol } from '../../debug/inspect/modules.ts';
import type { Task } from '../../kernel/task/task.ts';

const scopeOf = (task: Task | undefined): Scope =>
  taskScope(task, { variables: new Map(), history: [], warn: () => undefined });

/** `rsp + 8` -> `$rsp + 8`, unless the program has a symbol of that name. */
function withRegisters(text: string, scope: Scope): string {
  return text.replaceAll(/(?<![\w$.'"])[a-z]\w*/g, (name) =>
    scope.findSymbol(name) === undefined && findRegister(name) !== undefined ? `$${name}` : name,
  );
}

/** `rsp`, `counter + 8`, `0x402000`, `4202496`. Throws UsageError. */
export function resolveAddress(task: Task | undefined, text: string): bigint {
  if (text.trim() === '') throw new UsageError('an address is missing: a number, a symbol, or a register');
  const scope = scopeOf(task);
  // A label in the middle of a function, as NASM names it: no name in C.
  const label = task && findSymbol(task, text.trim());
  return label?.address ?? evaluateAddress(withRegisters(text, scope), scope);
}

/** A place in code: also `FILE:LINE`. Several where a line's code can be entered at several. Throws UsageError. */
export function resolvePlaces(task: Task, text: string): bigint[] {
  const line = /^(.+):(\d+)$/.exec(text.trim());
  if (line !== null) return linePlaces(task, line[1], Number(line[2])).addresses;
  const symbol = findSymbol(task, text.trim());
  return [symbol === undefined ? resolveAddress(task, text.trim().replace(/^\*/, '')) : breakAtSymbol(symbol)];
}

/** Where the code of a line begins, or that of the next line that has some. Throws UsageError. */
export function linePlaces(task: Task, file: string, line: number): { addresses: bigint[]; line: number } {
  const found = breakAtLine(task, file, line);
  if (found === undefined) throw new UsageError(`${file}:${line}: no code there`);
  return { addresses: [...found.addresses], line: found.line };
}

/** One that cannot be evaluated where it is asked counts as true, so that it is noticed. Throws UsageError for no expression. */
export function conditionOf(task: Task | undefined, text: string): NonNullable<StopPointOptions['condition']> {
  const scope = scopeOf(task);
  parseExpression(withRegisters(text, scope), (name) => scope.findSymbol(name) !== undefined);
  return {
    text,
    isTrue(who) {
      try {
        const now = scopeOf(who);
        return !isZero(evaluate(withRegisters(text, now), now));
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        return true;
      }
    },
  };
}
