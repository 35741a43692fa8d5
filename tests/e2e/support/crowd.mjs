// Many people on several servers who write steadily, whatever happens to the servers.

import { randomInt } from 'node:crypto';

import { checkCrowd } from './checker.mjs';
import { register } from './http.mjs';
import { Participant } from './participant.mjs';
import { eventually } from './wait.mjs';

const SIZE = Number(process.env.CLUSTER_CLIENTS ?? 200);
/** Messages a second, of all together. */
const RATE = Number(process.env.CLUSTER_RATE ?? 100);
const GROUP_SIZE = 20;
const AT_ONCE = 10;
/** The larger part of what is written goes to groups; a little to the channel that everybody is in. */
const TO_EVERYBODY = 0.02;
const EDITS = 0.1;
const READS = 0.1;
const ONLINE_MS = 60_000;
const SETTLED_MS = 90_000;

async function inTurns(items, work) {
  const results = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const slice = items.slice(from, from + AT_ONCE);
    results.push(...(await Promise.all(slice.map((item, n) => work(item, from + n)))));
  }
  return results;
}

export class Crowd {
  participants = [];
  /** id → what the checker needs to know of it. */
  conversations = new Map();
  /** clientId → what was written. */
  written = new Map();
  edits = [];
  #timer;

  constructor(nodes) {
    this.nodes = nodes;
  }

  /**
   * Registers people, lets them form groups and connects them, half of each group to each server. In every other group
   * messages are edited too; in the rest each message is one change, and so `rev` says how many there are.
   */
  static async gather(nodes) {
    const crowd = new Crowd(nodes);
    const urls = nodes.map(({ url }) => url);
    const people = await inTurns(Array.from({ length: SIZE }), (_, n) => register(urls[n % urls.length]));
    crowd.participants = people.map((person, n) => {
      const first = n % urls.length;
      return new Participant(person, [...urls.slice(first), ...urls.slice(0, first)]);
    });
    for (let first = 0; first + GROUP_SIZE <= SIZE; first += GROUP_SIZE / 2) {
      const members = crowd.participants.slice(first, first + GROUP_SIZE);
      const [owner, ...others] = members;
      const { id } = await owner.person.converse('group', others, `Group of ${first}`);
      crowd.conversations.set(id, { id, members, edited: crowd.conversations.size % 2 === 0 });
    }
    const { body } = await people[0].get('/api/v1/conversations');
    const { id } = body.conversations.find(({ title }) => title === 'general');
    crowd.conversations.set(id, { id, members: crowd.participants, edited: false, isGeneral: true });
    await Promise.all(crowd.participants.map((each) => each.start()));
    await crowd.isOnline();
    return crowd;
  }

  isOnline() {
    const online = () => this.participants.every((each) => each.isOnline);
    return eventually(online, 'everybody is online', ONLINE_MS);
  }

  /** Everybody writes from now on, connected or not. */
  write() {
    const groups = [...this.conversations.values()].filter(({ isGeneral }) => !isGeneral);
    const general = [...this.conversations.values()].find(({ isGeneral }) => isGeneral);
    let due = 0;
    let last = Date.now();
    this.#timer = setInterval(() => {
      due += ((Date.now() - last) * RATE) / 1_000;
      last = Date.now();
      for (; due >= 1; due -= 1) {
        const conversation = Math.random() < TO_EVERYBODY ? general : groups[randomInt(groups.length)];
        this.#say(conversation, conversation.members[randomInt(conversation.members.length)]);
      }
    }, 20);
  }

  #say(conversation, participant) {
    const { client } = participant;
    const body = `${participant.person.username} ${this.written.size}`;
    const clientId = client.send(conversation.id, body);
    this.written.set(clientId, { conversationId: conversation.id, senderId: participant.id, body });
    const thread = participant.state.threads[conversation.id];
    if (thread && Math.random() < READS) client.markRead(conversation.id, thread.conversation.lastSeq);
    if (conversation.edited && Math.random() < EDITS) this.#edit(participant, thread);
  }

  /** Edits the last message of one's own. Nobody repeats an edit whose fate is unknown. */
  #edit(participant, thread) {
    const own = thread?.messages.findLast(({ senderId }) => senderId === participant.id);
    if (!own) return;
    const edit = { id: own.id, conversationId: own.conversationId, body: `${own.body.split(',')[0]}, edited ${this.edits.length}` };
    this.edits.push(edit);
    participant.client.edit(own.id, edit.body).then(
      () => (edit.isDone = true),
      (error) => (edit.error = error),
    );
  }

  stopWriting() {
    clearInterval(this.#timer);
  }

  /** How many messages were acked so far. */
  get acked() {
    return this.written.size - this.participants.reduce((sum, { state }) => sum + state.outbox.length, 0);
  }

  /** Waits until `count` more messages were acked. */
  async progress(count, ms = SETTLED_MS) {
    const goal = this.acked + count;
    await eventually(() => this.acked >= goal, `${count} more messages are acked`, ms);
  }

  on(node) {
    return this.participants.filter(({ url }) => url === node.url);
  }

  /** Spreads the people over the servers again. */
  spread() {
    this.participants.forEach((participant, n) => {
      const { url } = this.nodes[n % this.nodes.length];
      if (participant.url !== url) participant.moveTo(url);
    });
    return this.isOnline();
  }

  /** Nobody writes any more, everything is acked, everybody has heard everything. Then the logs are compared. */
  async check() {
    this.stopWriting();
    await this.isOnline();
    const sent = () => this.participants.every(({ state }) => state.outbox.length === 0);
    await eventually(sent, 'everything that was written is acked', SETTLED_MS);
    await eventually(() => this.edits.every(({ isDone, error }) => isDone || error), 'every edit is answered', SETTLED_MS);
    return checkCrowd(this, SETTLED_MS);
  }

  close() {
    this.stopWriting();
    for (const participant of this.participants) participant.close();
  }
}
