// A network that can break between one process and some ports.
//
// The members of a replica set are known by one address each, to the servers and to each other, so a proxy that stands
// before a member carries everybody's connections. It tells them apart by the process that owns the other end, as /proc
// says it, and can so cut off one server while the rest goes on. That needs neither root nor a network of its own.

import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import net from 'node:net';

import { freePort } from './processes.mjs';

/** The local ports of the TCP connections that a process has. */
function portsOf(pid) {
  const folder = `/proc/${pid}/fd`;
  const sockets = new Set();
  for (const name of readdirSync(folder)) {
    try {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${name}`)) ?? [];
      if (inode) sockets.add(inode);
    } catch {
      // It was closed meanwhile.
    }
  }
  const lines = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
  const fields = lines.map((line) => line.trim().split(/\s+/));
  const mine = fields.filter(([, , , , , , , , , inode]) => sockets.has(inode));
  return new Set(mine.map(([, local]) => Number.parseInt(local.split(':')[1], 16)));
}

/** One connection through the proxy. */
class Link {
  #target;
  #near;
  #far;
  #isOpen = false;

  constructor(near, target, onClose) {
    this.#near = near;
    this.#target = target;
    this.clientPort = near.remotePort;
    near.on('error', () => this.close());
    near.once('close', () => {
      this.close();
      onClose();
    });
  }

  /** Carries bytes both ways, those first that waited. */
  open() {
    if (this.#isOpen) return;
    this.#isOpen = true;
    if (!this.#far) {
      this.#far = net.connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
      this.#far.on('error', () => this.close());
      this.#far.once('close', () => this.close());
    }
    this.#near.pipe(this.#far);
    this.#far.pipe(this.#near);
  }

  /** Takes nothing more and brings nothing more, not even the end of the other side; both sides see an open connection. */
  cut() {
    this.#isOpen = false;
    for (const [from, to] of [
      [this.#near, this.#far],
      [this.#far, this.#near],
    ]) {
      from?.unpipe(to);
      from?.pause();
    }
  }

  close() {
    if (this.#isOpen) this.destroy();
  }

  destroy() {
    this.#near.destroy();
    this.#far?.destroy();
  }
}

/** Proxies before some ports, which break and mend together. */
export class Network {
  #servers = [];
  #links = new Set();
  #cutOff = new Set();

  /** Opens a way to a port of 127.0.0.1; answers the port at which the way begins. */
  async wayTo(target) {
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (near) => {
      const link = new Link(near, target, () => this.#links.delete(link));
      this.#links.add(link);
      if (this.#isCutOff(link)) link.cut();
      else link.open();
    });
    const port = await freePort();
    await new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    this.#servers.push(server);
    return port;
  }

  #isCutOff({ clientPort }) {
    return [...this.#cutOff].some((pid) => portsOf(pid).has(clientPort));
  }

  /** From now on a process gets nothing through, on its connections as on new ones. Answers how many it had. */
  cutOff(pid) {
    this.#cutOff.add(pid);
    const ports = portsOf(pid);
    const links = [...this.#links].filter((link) => ports.has(link.clientPort));
    for (const link of links) link.cut();
    return links.length;
  }

  /** Everybody gets through, and so does what waited. */
  heal() {
    this.#cutOff.clear();
    for (const link of this.#links) link.open();
  }

  async close() {
    for (const link of this.#links) link.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}
