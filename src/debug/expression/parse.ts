/**
 * Text of an expression -> its tree, with C's precedence and what gdb adds: `{TYPE} ADDRESS`, `VALUE @ COUNT`, `$name`.
 * Which names are symbols is asked for here only where a dot may belong to one (`_start.loop`, NASM's local labels).
 */
import { UsageError } from '../../base/invariant.ts';
import { type Token, tokenize } from './tokens.ts';
import { arrayOf, type CType, FUNCTION, isTypeWord, namedType, pointerTo } from './types.ts';

export type Expression =
  | { readonly kind: 'int'; readonly value: bigint; readonly type: CType }
  | { readonly kind: 'float'; readonly value: number; readonly type: CType }
  | { readonly kind: 'string'; readonly bytes: readonly number[] }
  | { readonly kind: 'symbol' | 'dollar'; readonly name: string }
  | { readonly kind: 'unary'; readonly op: string; readonly operand: Expression }
  | { readonly kind: 'step'; readonly op: '++' | '--'; readonly isPrefix: boolean; readonly operand: Expression }
  | { readonly kind: 'binary'; readonly op: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'assign'; readonly op: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'choose'; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly kind: 'cast' | 'at'; readonly type: CType; readonly operand: Expression }
  | { readonly kind: 'index'; readonly operand: Expression; readonly index: Expression }
  | { readonly kind: 'member'; readonly name: string; readonly operand: Expression }
  | { readonly kind: 'sizeof'; readonly operand: Expression }
  | { readonly kind: 'type'; readonly type: CType };

/** Binary operators by how tightly they bind; gdb's `@` is between the shifts and addition. */
const BINARY: Readonly<Record<string, number>> = {
  ',': 1, '||': 4, '&&': 5, '|': 6, '^': 7, '&': 8, '==': 9, '!=': 9, '<': 10, '>': 10, '<=': 10, '>=': 10, '<<': 11,
  '>>': 11, '@': 12, '+': 13, '-': 13, '*': 14, '/': 14, '%': 14,
}; // biome-ignore format: by precedence
const ASSIGN = 2, CHOOSE = 3; // biome-ignore format: one line
const ASSIGNMENTS = new Set(['=', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '<<=', '>>=']);
const UNARY = new Set(['-', '+', '!', '~', '*', '&']);
/** A bound for what people and scripts write, so that no text overflows our stack. */
const MOST_NESTED = 200;

/** `isSymbol` tells whether a name with dots is one. Throws UsageError with gdb's words. */
export function parseExpression(text: string, isSymbol: (name: string) => boolean): Expression {
  return new Parser(text, isSymbol).whole();
}

class Parser {
  private readonly _text: string;
  private readonly _tokens: readonly Token[];
  private readonly _isSymbol: (name: string) => boolean;
  private _at = 0;
  private _depth = 0;

  constructor(text: string, isSymbol: (name: string) => boolean) {
    this._text = text;
    this._tokens = tokenize(text);
    this._isSymbol = isSymbol;
  }

  whole(): Expression {
    const result = this._binary(0);
    const next = this._tokens[this._at];
    if (next === undefined) return result;
    if (next.kind === 'op' && (next.text === ')' || next.text === ']' || next.text === '}'))
      throw new UsageError('Junk after end of expression.');
    this._fail();
  }

  private _binary(least: number): Expression {
    if (++this._depth > MOST_NESTED) throw new UsageError('The expression is nested too deeply.');
    let left = this._unary();
    for (;;) {
      const op = this._operator();
      if (op === undefined) break;
      if (ASSIGNMENTS.has(op) && least <= ASSIGN) {
        this._at++;
        left = { kind: 'assign', op, left, right: this._binary(ASSIGN) };
      } else if (op === '?' && least <= CHOOSE) {
        this._at++;
        const yes = this._binary(ASSIGN);
        this._expect(':');
        left = { kind: 'choose', test: left, yes, no: this._binary(CHOOSE) };
      } else if (BINARY[op] !== undefined && BINARY[op] >= least && BINARY[op] > 0) {
        this._at++;
        left = { kind: 'binary', op, left, right: this._binary(BINARY[op] + 1) };
      } else break;
    }
    this._depth--;
    return left;
  }

  private _unary(): Expression {
    if (++this._depth > MOST_NESTED) throw new UsageError('The expression is nested too deeply.');
    const result = this._unaryOf();
    this._depth--;
    return result;
  }

  private _unaryOf(): Expression {
    const op = this._operator();
    if (op === '++' || op === '--') {
      this._at++;
      return { kind: 'step', op, isPrefix: true, operand: this._unary() };
    }
    if (op !== undefined && UNARY.has(op)) {
      this._at++;
      return { kind: 'unary', op, operand: this._unary() };
    }
    if (op === '{') {
      this._at++;
      const type = this._type() ?? this._fail();
      this._expect('}');
      return { kind: 'at', type, operand: this._unary() };
    }
    if (op === '(' && this._startsType(this._at + 1)) {
      this._at++;
      const type = this._type()!;
      this._expect(')');
      return this._endsHere() ? { kind: 'type', type } : { kind: 'cast', type, operand: this._unary() };
    }
    if (this._isName('sizeof')) {
      this._at++;
      const isType = this._operator() === '(' && this._startsType(this._at + 1);
      if (!isType && this._startsType(this._at)) this._fail();
      if (!isType) return { kind: 'sizeof', operand: this._unary() };
      this._at++;
      const type = this._type()!;
      this._expect(')');
      return { kind: 'sizeof', operand: { kind: 'type', type } };
    }
    return this._postfix(this._primary());
  }

  private _postfix(operand: Expression): Expression {
    let result = operand;
    for (;;) {
      const op = this._operator();
      if (op === '++' || op === '--') {
        this._at++;
        result = { kind: 'step', op, isPrefix: false, operand: result };
      } else if (op === '[') {
        this._at++;
        const right = this._binary(0);
        this._expect(']');
        result = { kind: 'index', operand: result, index: right };
      } else if (op === '.' || op === '->') {
        const name = this._tokens[this._at + 1];
        if (name?.kind !== 'name') this._fail(1);
        this._at += 2;
        result = { kind: 'member', name: name.text, operand: result };
      } else return result;
    }
  }

  private _primary(): Expression {
    const token = this._tokens[this._at];
    if (token === undefined) this._fail();
    switch (token.kind) {
      case 'int':
        this._at++;
        return { kind: 'int', value: token.value, type: token.type };
      case 'float':
        this._at++;
        return { kind: 'float', value: token.value, type: token.type };
      case 'string':
        this._at++;
        return { kind: 'string', bytes: token.bytes };
      case 'dollar':
        this._at++;
        return { kind: 'dollar', name: token.text };
      case 'quoted':
        this._at++;
        return { kind: 'symbol', name: token.text };
      case 'name': {
        if (this._startsType(this._at)) return { kind: 'type', type: this._type()! };
        this._at++;
        return { kind: 'symbol', name: this._dotted(token.text) };
      }
      case 'op': {
        if (token.text !== '(') this._fail();
        this._at++;
        const inner = this._binary(0);
        this._expect(')');
        return inner;
      }
    }
  }

  /** As many of the `.part`s that follow as make the longest symbol. */
  private _dotted(first: string): string {
    let best = first;
    let name = first;
    for (let at = this._at; ; at += 2) {
      const [dot, part] = [this._tokens[at], this._tokens[at + 1]];
      if (dot?.kind !== 'op' || dot.text !== '.' || part?.kind !== 'name' || part.at !== dot.at + 1) return best;
      name += `.${part.text}`;
      if (!this._isSymbol(name)) continue;
      best = name;
      this._at = at + 2;
    }
  }

  private _startsType(at: number): boolean {
    const token = this._tokens[at];
    return token?.kind === 'name' && isTypeWord(token.text) && !this._isSymbol(token.text);
  }

  /** `unsigned char *`, `char [8]`, `int (*)[4]`, `void (*)()`. */
  private _type(): CType | undefined {
    const words: string[] = [];
    for (let token = this._tokens[this._at]; token?.kind === 'name'; token = this._tokens[++this._at])
      words.push(token.text);
    let type = namedType(words);
    if (type === undefined) throw new UsageError(`No type named ${words.join(' ') || '(nothing)'}.`);
    while (this._take('*')) type = pointerTo(type);
    let stars = 0;
    if (this._operator() === '(' && this._operator(1) === '*') {
      this._at++;
      while (this._take('*')) stars++;
      this._expect(')');
      if (this._take('(')) {
        this._expect(')');
        type = FUNCTION;
      }
    }
    const counts: number[] = [];
    while (this._take('[')) {
      const count = this._tokens[this._at++];
      if (count?.kind !== 'int' || count.value > 1n << 20n)
        throw new UsageError('An array needs a number of elements.');
      counts.push(Number(count.value));
      this._expect(']');
    }
    for (const count of counts.reverse()) type = arrayOf(type, count);
    for (let i = 0; i < stars; i++) type = pointerTo(type);
    return type;
  }

  private _endsHere(): boolean {
    return this._tokens[this._at] === undefined;
  }

  private _isName(text: string): boolean {
    const token = this._tokens[this._at];
    return token?.kind === 'name' && token.text === text;
  }

  private _operator(ahead = 0): string | undefined {
    const token = this._tokens[this._at + ahead];
    return token?.kind === 'op' ? token.text : undefined;
  }

  private _take(op: string): boolean {
    const found = this._operator() === op;
    if (found) this._at++;
    return found;
  }

  private _expect(op: string): void {
    if (!this._take(op)) this._fail();
  }

  private _fail(ahead = 0): never {
    const at = this._tokens[this._at + ahead]?.at ?? this._text.length;
    throw new UsageError(`A syntax error in expression, near \`${this._text.slice(at)}'.`);
  }
}
