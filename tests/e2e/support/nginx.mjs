// nginx with deploy/nginx.conf as it is; only the addresses are others.

import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { freePort, fromRoot, launch, removeFolder, temporaryFolder } from './processes.mjs';
import { request } from './http.mjs';
import { eventually, within } from './wait.mjs';

const NGINX_BIN = process.env.NGINX ?? '/usr/sbin/nginx';
const WRITTEN = { listen: 'listen 80;', servers: ['10.0.0.11:3000', '10.0.0.12:3000'] };
const STOP_MS = 10_000;

/** What Debian's nginx.conf is around a file of conf.d; and nothing outside of our folder. */
const around = (file) => `
events {}
http {
  access_log off;
  client_body_temp_path bodies;
  proxy_temp_path proxied;
  fastcgi_temp_path unused/fastcgi;
  uwsgi_temp_path unused/uwsgi;
  scgi_temp_path unused/scgi;
  include ${file};
}
`;

function replaced(text, from, to) {
  assert.equal(text.split(from).length, 2, `deploy/nginx.conf says "${from}" once`);
  return text.replace(from, to);
}

/** Starts it in front of the servers at these ports. */
export async function startNginx(ports) {
  assert.equal(ports.length, WRITTEN.servers.length);
  const folder = await temporaryFolder('chatconnect-nginx-');
  await mkdir(path.join(folder, 'unused'));
  const port = await freePort();
  let text = await readFile(fromRoot('deploy/nginx.conf'), 'utf8');
  text = replaced(text, WRITTEN.listen, `listen 127.0.0.1:${port};`);
  WRITTEN.servers.forEach((address, n) => {
    text = replaced(text, address, `127.0.0.1:${ports[n]}`);
  });
  const file = path.join(folder, 'chatconnect.conf');
  await writeFile(file, text);
  await writeFile(path.join(folder, 'nginx.conf'), around(file));
  const args = ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr', '-g', 'daemon off; master_process off; pid pid;'];
  const running = launch(NGINX_BIN, { args });
  const url = `http://127.0.0.1:${port}`;
  const ends = running.exited.then(() => {
    throw new Error(`nginx ended\n${running.stderr}`);
  });
  ends.catch(() => {});
  const answers = () => request(url, 'GET', '/healthz').then(({ status }) => status === 200, () => false);
  await Promise.race([eventually(answers, 'nginx answers'), ends]);
  return {
    url,
    get complaints() {
      return running.stderr;
    },
    async stop() {
      running.child.kill('SIGTERM');
      await within(running.exited, STOP_MS, 'nginx ends');
      await removeFolder(folder);
    },
  };
}
