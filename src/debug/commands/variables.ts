/** set var, whatis: assignments and types. */
import { evaluate } from '../expression/evaluate.ts';
import { parseExpression } from '../expression/parse.ts';
import { typeName } from '../expression/types.ts';
import { command } from './define.ts';
import { say } from './output.ts';
import { text } from './params.ts';

export const setVariable = command({
  name: 'set variable',
  aliases: ['set var', 'set'],
  group: 'data',
  params: text('expression to compute', 'expression'),
  usage: 'PLACE = EXPRESSION',
  help: 'Assign to a convenience variable, a register or memory: set $x = $rsp + 8, set $rax = 0, set {int}&counter = 5. From a register or memory on the run takes another course: what came after this moment is forgotten, and going back and forth repeats the change.',
  run(session, { text: expression }) {
    void evaluate(expression, session.changingScope()).bytes;
    return [];
  },
});

export const whatis = command({
  name: 'whatis',
  group: 'data',
  params: text('expression or type', 'expression'),
  usage: 'EXPRESSION',
  help: 'Show the type of an expression.',
  run(session, { text: expression }) {
    const scope = session.scope();
    const tree = parseExpression(expression, (name) => scope.findSymbol(name) !== undefined);
    const type = tree.kind === 'type' ? tree.type : evaluate(expression, scope).type;
    return [say(`type = ${typeName(type)}`)];
  },
});
