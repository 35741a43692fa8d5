// The lines of README.md do what they say: the fenced blocks marked `sh curl` run as they stand.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';

import { WEBSOCKET_CLIENT } from './support/clients/index.mjs';
import { register } from './support/http.mjs';
import { Member } from './support/member.mjs';
import { ROOT, launch, plainEnvironment, removeFolder, temporaryFolder } from './support/processes.mjs';
import { startServer } from './support/server.mjs';
import { eventually } from './support/wait.mjs';

const WRITTEN_URL = 'http://localhost:3000';
const run = promisify(execFile);

/** The contents of the fenced blocks that are marked so, in their order. */
export function blocks(markdown, mark) {
  const fence = new RegExp(`^\`\`\`${mark}[ \\t]*\\n([\\s\\S]*?)^\`\`\`[ \\t]*$`, 'gm');
  return [...markdown.matchAll(fence)].map((match) => match[1]);
}

for (const name of ['README.md', 'README.pt-BR.md']) {
  it(`the curl lines of ${name} register, log in, read and send; a connected client receives`, async () => {
    const markdown = await readFile(path.join(ROOT, name), 'utf8');
    const script = blocks(markdown, 'sh curl').join('\n');
    assert.match(script, /curl/, `${name} has blocks marked "sh curl"`);
    for (const route of ['auth/register', 'auth/login', 'users/me', '/messages']) {
      assert.ok(script.includes(route), `the lines use ${route}`);
    }
    const server = await startServer();
    const folder = await temporaryFolder();
    const watcher = await register(server.url);
    const member = new Member(WEBSOCKET_CLIENT, { url: server.url, cookie: watcher.cookie });
    try {
      await member.connect();
      const { stdout } = await run(
        'bash',
        ['-euo', 'pipefail', '-c', script.replaceAll(WRITTEN_URL, server.url)],
        { cwd: folder, env: plainEnvironment({ HOME: folder }), timeout: 60_000 },
      );
      assert.doesNotMatch(stdout, /problem\+json|"requestId"/, 'no line was answered with a problem');
      assert.match(stdout, /"username"/);
      const { message } = await member.fact('message:created');
      assert.notEqual(message.senderId, watcher.id);
      assert.ok(script.includes(message.body), 'the client received what the script sent');
    } finally {
      await member.disconnect();
      await removeFolder(folder);
      await server.stop();
    }
  });
}

it('the lines of README.md that connect a socket.io-client do what they say', async () => {
  const markdown = await readFile(path.join(ROOT, 'README.md'), 'utf8');
  const [program] = blocks(markdown, 'js');
  assert.match(program ?? '', /socket\.io-client/);
  const server = await startServer();
  // Beside this file, where the package is found.
  const folder = await mkdtemp(path.join(import.meta.dirname, 'readme-'));
  let running;
  try {
    const joana = await register(server.url);
    const file = path.join(folder, 'client.mjs');
    await writeFile(file, program.replaceAll(WRITTEN_URL, server.url));
    running = launch(process.execPath, { args: [file], env: { COOKIE: joana.cookie }, cwd: folder });
    const said = (text) => () => running.stdout.includes(text);
    await eventually(said(`signed in as ${joana.username}`), 'the client says who it is');
    await eventually(said('Hello'), 'the client hears its own message');
    assert.equal(running.stderr, '');
  } finally {
    running?.child.kill('SIGKILL');
    await running?.exited;
    await rm(folder, { recursive: true, force: true });
    await server.stop();
  }
});
