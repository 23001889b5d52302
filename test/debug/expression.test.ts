/**
 * The language of expressions and the formats of `print` and `x`, on a program that stands where a real gdb has been asked
 * the same: every line of native/expressions.golden is gdb's. `node test/debug/native/record.ts` records it again.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../src/base/invariant.ts';
import { evaluate, evaluateKnown, type Scope, VOID_VALUE } from '../../src/debug/expression/evaluate.ts';
import { examine, FIRST_SPEC, type FormatSpec, parseFormatSpec } from '../../src/debug/expression/examine.ts';
import { formatValue, isFormat } from '../../src/debug/expression/format.ts';
import { parseExpression } from '../../src/debug/expression/parse.ts';
import { taskScope } from '../../src/debug/expression/task-scope.ts';
import { INT, pointerTo, typeName } from '../../src/debug/expression/types.ts';
import { asInteger, integerValue, type Value } from '../../src/debug/expression/values.ts';
import { loadImage, Machine } from '../../src/index.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import { parseTranscript } from './native/record.ts';

const DIR = join(import.meta.dirname, 'native');
/** Instructions from the first one to `here`. */
const TO_HERE = 22;

/** The commands that need nothing but a scope, as a session does them. */
class Calculator {
  private readonly _history: Value[] = [];
  private readonly _variables = new Map<string, Value>([['bpnum', integerValue(INT, 1n)]]);
  private _warnings = '';
  private _last: { spec: FormatSpec; next: bigint } = { spec: FIRST_SPEC, next: 0n };
  readonly scope: Scope;

  constructor(task: Task) {
    this.scope = taskScope(task, {
      variables: this._variables,
      history: this._history,
      warn: (text) => {
        this._warnings += `${text}\n`;
      },
    });
  }

  answer(line: string): string {
    this._warnings = '';
    try {
      const text = this._answer(line);
      return this._warnings + text;
    } catch (error) {
      if (error instanceof UsageError) return `${this._warnings}${error.message}\n`;
      throw error;
    }
  }

  private _answer(line: string): string {
    const [, name, format = '', rest] = /^(\w+)(?:\/(\S+))? ?(.*)$/.exec(line)!;
    const { scope } = this;
    switch (name) {
      case 'p':
      case 'output': {
        if (/^-?\d/.test(format)) throw new UsageError('Item count other than 1 is meaningless in "print" command.');
        const value = rest === '' ? (this._history.at(-1) ?? VOID_VALUE) : evaluateKnown(rest, scope);
        const text = formatValue(value, scope, isFormat(format) ? format : undefined);
        return name === 'output' ? text : `$${this._history.push(value)} = ${text}\n`;
      }
      case 'x': {
        const spec = parseFormatSpec(format, rest === '' ? this._last.spec : { ...this._last.spec, count: 1 });
        const value = rest === '' ? undefined : evaluateKnown(rest, scope);
        const { rows, next, last } = examine(spec, value === undefined ? this._last.next : asInteger(value), scope);
        this._last = { spec: { ...spec, unit: spec.unit ?? 'b' }, next };
        if (last?.address !== undefined) {
          this._variables.set('_', integerValue(pointerTo(last.type), last.address));
          this._variables.set('__', last);
        }
        return rows
          .map(({ address, symbol, cells, error }) => {
            const head = `0x${address.toString(16)}${symbol && ` ${symbol}`}:`;
            return `${[head, ...cells, ...(error ? [error] : [])].join('\t')}\n`;
          })
          .join('');
      }
      case 'whatis': {
        const tree = parseExpression(rest, (symbol) => scope.findSymbol(symbol) !== undefined);
        return `type = ${typeName(tree.kind === 'type' ? tree.type : evaluate(rest, scope).type)}\n`;
      }
      default:
        void evaluate(rest, scope).bytes;
        return '';
    }
  }
}

async function atHere(): Promise<Task> {
  const machine = new Machine();
  const task = await machine.load(await loadImage(join(DIR, 'state')), 'state');
  await machine.run({ maxInstructions: TO_HERE });
  return task!;
}

describe('as gdb answers', () => {
  let calculator: Calculator;
  beforeAll(async () => {
    calculator = new Calculator(await atHere());
  });
  const golden = parseTranscript(readFileSync(join(DIR, 'expressions.golden'), 'utf8'));
  test('the program stands at the same place', () => {
    expect(calculator.scope.symbolAt(asInteger(evaluate('$pc', calculator.scope)))).toMatchObject({
      symbol: { name: 'here' },
      offset: 0,
    });
  });
  test.each(golden.map(({ command, answer }) => [command, answer]))('%s', (command, answer) => {
    expect(calculator.answer(command).trimEnd()).toBe(answer.trimEnd());
  });
});
