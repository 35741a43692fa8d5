// packages/protocol and socket.io-client as an app gets them: bundled, which also makes JavaScript of the TypeScript, and
// with the host's globals of one device around them.

import vm from 'node:vm';

import { rolldown } from 'rolldown';

import { fromRoot } from '../../support/processes.mjs';

const GLOBALS = [
  'globalThis',
  'self',
  'setTimeout',
  'clearTimeout',
  'Date',
  'crypto',
  'fetch',
  'WebSocket',
  'XMLHttpRequest',
  'navigator',
];

async function bundled() {
  const bundle = await rolldown({ input: fromRoot('packages/protocol/src/index.ts'), platform: 'browser' });
  const { output } = await bundle.generate({ format: 'iife', name: 'Protocol' });
  await bundle.close();
  return output[0].code;
}

const program = vm.compileFunction(`${await bundled()}\nreturn Protocol;`, GLOBALS, { filename: 'packages/protocol' });

/** Everything that `packages/protocol` exports, for one start of the app; nothing of it is shared with another one. */
export function startProgram(globals) {
  return program(...GLOBALS.map((name) => globals[name]));
}
