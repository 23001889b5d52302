import {anyInstruction} from './any-code.ts';import {rngOf} from './values.ts';import {Silicon} from './wire.ts';import {recordSequences} from './sequences.ts';import {packVectors,unpackVectors} from './vector-file.ts';import {inspect} from './inspect.ts';import assert from 'node:assert';
const rng=rngOf(+process.argv[2]);const t=performance.now();
const s=new Silicon();
const v=recordSequences(s,(r,k)=>anyInstruction(r,(i)=>i.flow===k),rng,1000);
console.log(performance.now()-t,v.length);
const p=packVectors(v);console.log(p.length);assert.deepEqual(unpackVectors(p),v);
const h:any={};for(const x of v){h[x.after.trap]=(h[x.after.trap]??0)+1}console.log(h, v.reduce((a,x)=>a+x.retired,0)/v.length);
for(const x of v.slice(0,2)){let at=0;while(at<x.before.code.length){const i=inspect(x.before.code.subarray(at),x.before.rip+BigInt(at));console.log((x.before.rip+BigInt(at)).toString(16),i.text);at+=i.length};console.log(x.retired,x.after.trap,x.after.rip.toString(16),x.undefinedFlags.toString(16),x.after.writes.length)}
s.close();
