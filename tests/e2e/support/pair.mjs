// Two people with a direct conversation, each connected to a server of their own.

import { WEBSOCKET_CLIENT } from './clients/index.mjs';
import { Person, register } from './http.mjs';
import { Member } from './member.mjs';
import { eventually } from './wait.mjs';

const PROBE_MS = 500;
const WORKS_MS = 30_000;

/** The same person, served by another server. */
export const at = (person, node) => new Person(node.url, person);

export async function connect(person, node, client = WEBSOCKET_CLIENT) {
  const member = new Member(client, { url: node.url, cookie: person.cookie });
  await member.connect();
  return member;
}

export class Pair {
  static async meet([near, far]) {
    const pair = new Pair();
    [pair.ana, pair.bruno] = [await register(near.url), await register(far.url)];
    ({ id: pair.id } = await pair.ana.converse('direct', [pair.bruno]));
    pair.from = await connect(pair.ana, near);
    pair.to = await connect(pair.bruno, far);
    return pair;
  }

  async status(member, person) {
    const { presence } = await member.do('presence:watch', { userIds: [person.id] });
    return presence[0].status;
  }

  /** What servers tell each other without a trace in the database goes both ways, or does so again. */
  async signalsWork() {
    const { from, to, ana, bruno, id } = this;
    await eventually(async () => (await this.status(from, bruno)) === 'online', 'one is seen', WORKS_MS);
    await eventually(async () => (await this.status(to, ana)) === 'online', 'the other is seen', WORKS_MS);
    for (const [writer, reader] of [
      [from, to],
      [to, from],
    ]) {
      const arrives = async () => {
        const here = reader.facts.length;
        await writer.do('typing:set', { conversationId: id, typing: false });
        await writer.do('typing:set', { conversationId: id, typing: true });
        return reader.fact('typing:changed', (fact) => fact.typing, { from: here, ms: PROBE_MS });
      };
      await eventually(arrives, 'writing is seen', WORKS_MS);
      await writer.do('typing:set', { conversationId: id, typing: false });
    }
  }

  async part() {
    await Promise.all([this.from, this.to].map((member) => member?.disconnect().catch(() => {})));
  }
}
